using System.Runtime.CompilerServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>
/// The frame of every exported function: one at a time, and nothing thrown gets out, because an exception that leaves an export ends the
/// process. The compiler tells the function's name.
/// </summary>
internal static class Call
{
    /// <summary>A function that works without anything.</summary>
    public static CUresult Always(Func<Machine, CUresult> body, [CallerMemberName] string name = "")
    {
        lock (Machine.Gate)
        {
            Machine machine = Machine.Current;
            try
            {
                return body(machine);
            }
            catch (DeviceFault fault)
            {
                machine.Report.Add((CUresult)fault.Code, $"{name}: {fault.Message}");
                return (CUresult)fault.Code;
            }
            catch (Exception error)
            {
                machine.Report.Add(CUresult.CUDA_ERROR_UNKNOWN, $"{name}: the emulator itself failed: {error}");
                return CUresult.CUDA_ERROR_UNKNOWN;
            }
        }
    }

    /// <summary>A function that needs cuInit.</summary>
    public static CUresult Initialized(Func<Machine, CUresult> body, [CallerMemberName] string name = "") =>
        Always(machine => machine.IsInitialized ? body(machine) : throw new DeviceFault((int)CUresult.CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called"), name);

    /// <summary>A function about a device.</summary>
    public static CUresult OnDevice(int device, Func<GpuDevice, CUresult> body, [CallerMemberName] string name = "") => Initialized(
        machine => body(machine.Device(device) ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_DEVICE, $"there is no device {device}, only {machine.Devices.Count}")), name);

    /// <summary>A function that needs a current context, and fails once some work has failed.</summary>
    public static CUresult InContext(Action<GpuContext> body, [CallerMemberName] string name = "") => InContext(
        context =>
        {
            body(context);
            return CUresult.CUDA_SUCCESS;
        },
        name);

    /// <summary>The same, for a function with a result of its own.</summary>
    public static CUresult InContext(Func<GpuContext, CUresult> body, [CallerMemberName] string name = "") => Initialized(
        machine =>
        {
            GpuContext context = ContextStack.Current ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
            if (context.IsDestroyed) throw new DeviceFault((int)CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED, $"{context} was destroyed");
            return machine.IsBroken ? machine.Broken : body(context);
        },
        name);

    /// <summary>An object of the current context by its handle.</summary>
    public static T Object<T>(GpuContext context, nint handle, string kind) where T : GpuObject
    {
        T found = context.Machine.Handles.Get<T>(handle, kind);
        return found.Owner == context ? found : throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_CONTEXT, $"{found} belongs to another context");
    }

    /// <summary>A stream by its handle. The legacy stream waits for all others and is waited for: nothing of the engine may use it.</summary>
    public static GpuStream Stream(GpuContext context, nint handle) => handle is >= 0 and <= 2
        ? throw new DeviceFault((int)CUresult.CUDA_ERROR_NOT_SUPPORTED, "work was given to a default stream, which the emulator does not have")
        : Object<GpuStream>(context, handle, "stream");

    /// <summary>Refuses a null pointer where a result is to be written, and other arguments that make no sense.</summary>
    public static void Require(bool valid, string what)
    {
        if (!valid) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_VALUE, what);
    }
}
