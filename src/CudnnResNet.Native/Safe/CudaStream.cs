using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// A queue of work for the GPU, done in order. It is non-blocking: it does not wait for the legacy default stream, which is never used
/// here. Sizes are in bytes unless a parameter says otherwise.
/// </summary>
public sealed unsafe class CudaStream : CudaObject
{
    /// <summary>Creates it.</summary>
    /// <param name="context">The context, current on this thread.</param>
    public CudaStream(CudaContext context)
    {
        Context = context;
        Check(cuStreamCreate(out nint made, CUstream_flags.CU_STREAM_NON_BLOCKING), $"{context.Device}");
        Own(made, context);
    }

    /// <summary>Its context.</summary>
    public CudaContext Context { get; }

    /// <summary>Whether everything given to it so far is done.</summary>
    public bool IsIdle
    {
        get
        {
            CUresult status = cuStreamQuery(Value);
            if (status == CUresult.CUDA_ERROR_NOT_READY) return false;
            Check(status, $"", nameof(cuStreamQuery));
            return true;
        }
    }

    /// <summary>Whether work given to it goes into a graph instead of to the GPU.</summary>
    public bool IsCapturing
    {
        get
        {
            Check(cuStreamIsCapturing(Value, out CUstreamCaptureStatus status), $"");
            return status != CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE;
        }
    }

    /// <summary>Waits until everything given to it so far is done.</summary>
    public void Synchronize() => Check(cuStreamSynchronize(Value), $"");

    /// <summary>Lets the work given from now on wait for an event of another stream.</summary>
    public void Wait(CudaEvent other) => Check(cuStreamWaitEvent(Value, other.Value, Flags: 0), $"");

    /// <summary>Copies to the GPU; the source may be changed as soon as this returns.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, DevicePointer destination) where T : unmanaged
    {
        if (source.IsEmpty) return;
        nuint bytes = (nuint)source.Length * (nuint)sizeof(T);
        fixed (T* from = source) Check(cuMemcpyHtoDAsync_v2(destination.Address, from, bytes, Value), $"{bytes} bytes to {destination}");
    }

    /// <summary>Copies a whole pinned buffer to the GPU; its contents are read when the stream comes to it.</summary>
    public void Upload(PinnedBuffer source, DevicePointer destination) =>
        Check(cuMemcpyHtoDAsync_v2(destination.Address, source.Address, (nuint)source.Bytes, Value), $"{source.Bytes} bytes to {destination}");

    /// <summary>Copies from the GPU and waits for it.</summary>
    public void Download<T>(DevicePointer source, Span<T> destination) where T : unmanaged
    {
        if (destination.IsEmpty) return;
        nuint bytes = (nuint)destination.Length * (nuint)sizeof(T);
        fixed (T* to = destination)
        {
            Check(cuMemcpyDtoHAsync_v2(to, source.Address, bytes, Value), $"{bytes} bytes from {source}");
            Synchronize();
        }
    }

    /// <summary>Fills a whole pinned buffer from the GPU; it holds the values once an event recorded behind this is done.</summary>
    public void Download(DevicePointer source, PinnedBuffer destination) =>
        Check(cuMemcpyDtoHAsync_v2(destination.Address, source.Address, (nuint)destination.Bytes, Value), $"{destination.Bytes} bytes from {source}");

    /// <summary>Copies within the GPU's memory; the ranges do not overlap.</summary>
    public void Copy(DevicePointer source, long bytes, DevicePointer destination) =>
        Check(cuMemcpyDtoDAsync_v2(destination.Address, source.Address, (nuint)bytes, Value), $"{bytes} bytes from {source} to {destination}");

    /// <summary>Sets bytes.</summary>
    public void Fill(DevicePointer destination, byte value, long bytes) =>
        Check(cuMemsetD8Async(destination.Address, value, (nuint)bytes, Value), $"{bytes} bytes at {destination}");

    /// <summary>Sets 32-bit values.</summary>
    public void Fill(DevicePointer destination, uint value, long count) =>
        Check(cuMemsetD32Async(destination.Address, value, (nuint)count, Value), $"{count} values of 4 bytes at {destination}");

    private protected override bool Destroy() => Gone(cuStreamDestroy_v2(handle));
}
