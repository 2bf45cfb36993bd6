using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// Memory of the host that the GPU reads and writes by itself. A copy from or to it goes on after the call returns: it may be touched
/// again when an event recorded behind the copy is done.
/// </summary>
public sealed unsafe class PinnedBuffer : CudaObject
{
    /// <summary>Allocates, zeroed.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="bytes">Its size, 1..2^31-1: spans are not longer.</param>
    /// <exception cref="CudaException">The host has not that much memory that can be pinned.</exception>
    public PinnedBuffer(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, int.MaxValue);
        Bytes = bytes;
        Check(cuMemHostAlloc(out void* address, (nuint)bytes, Flags: 0), $"{bytes} bytes of pinned host memory");
        new Span<byte>(address, (int)bytes).Clear();
        Own((nint)address, context);
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>The host's pointer, for a copy.</summary>
    internal void* Address => (void*)Value;

    /// <summary>Its contents as values of one type.</summary>
    public Span<T> As<T>() where T : unmanaged => new((void*)Value, (int)(Bytes / sizeof(T)));

    private protected override bool Destroy() => Gone(cuMemFreeHost((void*)handle));
}
