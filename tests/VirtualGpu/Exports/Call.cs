using System.Runtime.CompilerServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>
/// The frame of every exported function of the driver: one at a time, and nothing thrown gets out, because an exception that leaves an
/// export ends the process. The compiler tells the function's name.
/// </summary>
internal static class Call
{
    /// <summary>A function that cannot fail in a sound program: a test makes none of them fail.</summary>
    public static CUresult Uncounted(Func<Machine, CUresult> body, [CallerMemberName] string name = "") => Alone(name, body, Failed);

    /// <summary>A function that works without anything.</summary>
    public static CUresult Always(Func<Machine, CUresult> body, [CallerMemberName] string name = "") => Counted(name, body, Failed);

    /// <summary>A function that needs cuInit.</summary>
    public static CUresult Initialized(Func<Machine, CUresult> body, [CallerMemberName] string name = "") => Always(
        machine =>
        {
            RequireInitialized(machine);
            return body(machine);
        },
        name);

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
    public static CUresult InContext(Func<GpuContext, CUresult> body, [CallerMemberName] string name = "") => Always(
        machine =>
        {
            GpuContext context = CurrentContext(machine);
            return machine.IsBroken ? machine.Broken : body(context);
        },
        name);

    /// <summary>This thread's context.</summary>
    public static GpuContext CurrentContext(Machine machine)
    {
        RequireInitialized(machine);
        GpuContext context = ContextStack.Current ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
        return context.IsDestroyed ? throw new DeviceFault((int)CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED, $"{context} was destroyed") : context;
    }

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

    /// <summary>Refuses what needs cuInit before it was called.</summary>
    public static void RequireInitialized(Machine machine)
    {
        if (!machine.IsInitialized) throw new DeviceFault((int)CUresult.CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called");
    }

    /// <summary>Refuses a null pointer where a result is to be written, and other arguments that make no sense.</summary>
    public static void Require(bool valid, string what)
    {
        if (!valid) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_VALUE, what);
    }

    /// <summary>Runs the body of a call of any of the libraries while no other runs.</summary>
    /// <param name="name">The function.</param>
    /// <param name="body">What it does.</param>
    /// <param name="failed">The status for what it throws; notes it in the report.</param>
    public static TStatus Alone<TStatus>(string name, Func<Machine, TStatus> body, Func<Machine, string, Exception, TStatus> failed) where TStatus : struct, Enum
    {
        lock (Machine.Gate)
        {
            Machine machine = Machine.Current;
            try
            {
                return body(machine);
            }
            catch (Exception error)
            {
                return failed(machine, name, error);
            }
        }
    }

    /// <summary>The same for a call that a test may make fail. One that gives something back does so nevertheless, as a driver's does that returns the failure of earlier work.</summary>
    public static TStatus Counted<TStatus>(string name, Func<Machine, TStatus> body, Func<Machine, string, Exception, TStatus> failed) where TStatus : struct, Enum => Alone(
        name,
        machine =>
        {
            machine.Counters.Calls++;
            if (!machine.Interference.FailsNow()) return body(machine);
            machine.Counters.InjectedFailures++;
            if (machine.Interference.Breaks)
            {
                // What needs the context finds it broken; what does not, works, as with a GPU.
                machine.Break(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, new InjectedFailure(name).Message, isMistake: false);
                return body(machine);
            }
            // The capture ends, and its graph is lost.
            if (name == nameof(StreamExports.cuStreamEndCapture))
            {
                string problem = new InjectedFailure(name).Message;
                foreach (Capture capture in machine.Captures) capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, problem);
                machine.Report.Note(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, problem);
                return body(machine);
            }
            if (GivesBack(name)) body(machine);
            throw new InjectedFailure(name);
        },
        failed);

    private static bool GivesBack(string name) =>
        name.Contains("Destroy", StringComparison.Ordinal) || name.Contains("Free", StringComparison.Ordinal) || name.Contains("Unload", StringComparison.Ordinal) || name.Contains("Release", StringComparison.Ordinal);

    private static CUresult Failed(Machine machine, string name, Exception error)
    {
        switch (error)
        {
            case DeviceFault fault:
                machine.Report.Add((CUresult)fault.Code, $"{name}: {fault.Message}");
                return (CUresult)fault.Code;
            case InjectedFailure injected:
                CUresult result = injected.IsOfMaking ? CUresult.CUDA_ERROR_OUT_OF_MEMORY : CUresult.CUDA_ERROR_LAUNCH_FAILED;
                machine.Report.Note(result, injected.Message);
                return result;
            default:
                machine.Report.Add(CUresult.CUDA_ERROR_UNKNOWN, $"{name}: the emulator itself failed: {error}");
                return CUresult.CUDA_ERROR_UNKNOWN;
        }
    }
}
