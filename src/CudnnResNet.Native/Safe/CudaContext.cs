using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// A GPU's primary context, which all libraries of a process share. Everything else here needs it to be current on the calling thread:
/// <c>using (context.Enter()) { … }</c>, in which calls may nest.
/// </summary>
public sealed class CudaContext : CudaObject
{
    /// <summary>Takes the primary context of a GPU, creating it where this is its first user.</summary>
    /// <exception cref="CudaException">The GPU is busy, broken or forbidden.</exception>
    public CudaContext(CudaDevice device)
    {
        Device = device;
        Check(cuDevicePrimaryCtxRetain(out nint made, device.Number), $"{device}");
        Own(made, owner: null);
    }

    /// <summary>The GPU.</summary>
    public CudaDevice Device { get; }

    /// <summary>The handle, also while the last of the objects that need it is being destroyed.</summary>
    internal nint RawHandle => handle;

    /// <summary>Makes the context current on this thread until the result is disposed.</summary>
    public ContextScope Enter()
    {
        Check(cuCtxPushCurrent_v2(Value), $"{Device}");
        return new(this);
    }

    /// <summary>Waits for everything that was given to the GPU in this context.</summary>
    public void Synchronize() => Check(cuCtxSynchronize(), $"{Device}");

    /// <summary>Bytes of the GPU's memory that are free, and all of them.</summary>
    public (long Free, long Total) Memory()
    {
        Check(cuMemGetInfo_v2(out nuint free, out nuint total), $"{Device}");
        return ((long)free, (long)total);
    }

    private protected override bool Destroy() => Gone(cuDevicePrimaryCtxRelease_v2(Device.Number));
}

/// <summary>The time in which a context is current on a thread; to be disposed by that thread.</summary>
public readonly record struct ContextScope : IDisposable
{
    private readonly CudaContext context;

    internal ContextScope(CudaContext context) => this.context = context;

    /// <summary>Makes current again what was so before.</summary>
    public void Dispose() => Check(cuCtxPopCurrent_v2(out _), $"{context.Device}");
}
