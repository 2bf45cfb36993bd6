using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Exports;

namespace CudnnResNet.VirtualGpu.Libraries;

/// <summary>A handle of cuDNN or cuBLAS: it belongs to a context, and gives work to one stream.</summary>
/// <param name="kind">What messages call it.</param>
/// <param name="context">Its context.</param>
internal abstract class LibraryHandle(string kind, GpuContext context) : GpuObject(kind, context)
{
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

    /// <summary>Gives work to the stream.</summary>
    /// <param name="name">The call and its operands, for messages.</param>
    /// <param name="compute">What is done when its turn comes; what is passed by value is read before.</param>
    public virtual void Give(string name, Action<Memory.DeviceMemory> compute)
    {
        Context.Machine.Counters.LibraryCalls++;
        Stream.Give(new LibraryOperation(name, compute));
    }
}

/// <summary>Work of cuDNN or cuBLAS.</summary>
internal sealed class LibraryOperation(string name, Action<Memory.DeviceMemory> compute) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        compute(context.Memory);
        context.Machine.Counters.LibraryOperations++;
    }

    public override string ToString() => name;
}
