using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Exports;

namespace CudnnResNet.VirtualGpu.Libraries;

/// <summary>A handle of cuDNN or cuBLAS: it belongs to a context, and gives work to one stream.</summary>
/// <param name="kind">What messages call it.</param>
/// <param name="context">Its context.</param>
internal abstract class LibraryHandle(string kind, GpuContext context) : GpuObject(kind, context)
{
    // Work that ran outside captures, by its name and stream.
    private readonly HashSet<(nint Stream, string Name)> ran = [];

    private nint stream;

    public GpuContext Context => Owner!;

    /// <summary>Where its work goes. A stream that is destroyed, and the default stream, are refused.</summary>
    public GpuStream Stream => Call.Stream(Context, stream);

    /// <summary>Chooses the stream. A capture takes what one stream is given, so nobody may leave it meanwhile.</summary>
    public virtual void SetStream(nint streamId, string call)
    {
        GpuStream chosen = Call.Stream(Context, streamId);
        if (chosen.Handle != stream) Capture.Forbid(Context.Machine, $"{call} to another stream");
        stream = chosen.Handle;
    }

    /// <summary>
    /// Gives work to the stream. What runs for the first time may have to load or to allocate something, which a capture does not allow:
    /// it has to run once before.
    /// </summary>
    /// <param name="name">The call and its operands' shapes, for messages.</param>
    /// <param name="time">What it takes: products, or values that are read and written.</param>
    /// <param name="compute">What is done when its turn comes; what is passed by value is read before.</param>
    public virtual void Give(string name, long time, Action<Memory.DeviceMemory> compute)
    {
        GpuStream to = Stream;
        if (to.Capture is null) ran.Add((to.Handle, name));
        else if (!ran.Contains((to.Handle, name)) && to.Capture.Problem is null)
            throw to.Capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"{name} for the first time on {to}, during its capture: the library may have to load or to allocate something, so it has to run once before");
        Context.Machine.Counters.LibraryCalls++;
        to.Give(new LibraryOperation(name, time, compute));
    }
}

/// <summary>Work of cuDNN or cuBLAS.</summary>
internal sealed class LibraryOperation(string name, long time, Action<Memory.DeviceMemory> compute) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        compute(context.Memory);
        context.Machine.Counters.LibraryOperations++;
        context.Machine.Time += time;
    }

    public override string ToString() => name;
}
