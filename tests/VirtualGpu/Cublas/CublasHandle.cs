using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Cublas;

/// <summary>A handle of cuBLAS, with its workspace.</summary>
internal sealed class CublasHandle(GpuContext context) : LibraryHandle("cuBLAS handle", context)
{
    // Of a large workspace only so much is lost to each product.
    private const long Scribbled = 1 << 16;

    private (ulong Address, long Bytes)? workspace;

    public cublasMath_t Math { get; set; }

    /// <summary>Whether products round to TF32.</summary>
    public bool UsesTf32 => Math == cublasMath_t.CUBLAS_TF32_TENSOR_OP_MATH && Context.Device.HasTf32;

    /// <summary>Lends it memory, until the stream is set again.</summary>
    public void SetWorkspace(ulong address, long bytes) => workspace = (address, bytes);

    /// <summary>As cuBLAS does, with its own workspace again.</summary>
    public override void SetStream(nint streamId, string call)
    {
        base.SetStream(streamId, call);
        workspace = null;
    }

    /// <summary>Gives work to the stream. A graph that cuBLAS's own workspace got into would share it with whatever runs at the time.</summary>
    public override void Give(string name, long time, Action<DeviceMemory> compute)
    {
        if (workspace is null && Stream.Capture is { } capture)
            throw capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"{name} during the capture of {Stream} without a workspace of the program's; setting the stream takes it away");
        var (address, bytes) = workspace ?? (0, 0);
        base.Give(name, time, memory =>
        {
            memory.Scribble(address, System.Math.Min(bytes, Scribbled));
            compute(memory);
        });
    }
}
