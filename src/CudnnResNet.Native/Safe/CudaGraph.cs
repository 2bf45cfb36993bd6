using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>Work that was recorded instead of done.</summary>
public sealed unsafe class CudaGraph : CudaObject
{
    private readonly CudaContext context;

    private CudaGraph(CudaContext context, nint made)
    {
        this.context = context;
        Own(made, context);
    }

    /// <summary>Kernels, copies and fills in it.</summary>
    public long NodeCount
    {
        get
        {
            nuint count = 0;
            Check(cuGraphGetNodes(Value, null, ref count), $"");
            return (long)count;
        }
    }

    /// <summary>
    /// Records what <paramref name="work"/> gives to the stream. Only this thread's calls are restricted meanwhile: other threads may
    /// allocate. Nothing in it may allocate, wait or use another stream; every library call in it has to have run once before.
    /// </summary>
    /// <param name="stream">The stream, idle or not.</param>
    /// <param name="work">Gives work to the stream.</param>
    /// <exception cref="CudaException">A call in it cannot be recorded.</exception>
    public static CudaGraph Capture(CudaStream stream, Action work)
    {
        Check(cuStreamBeginCapture_v2(stream.Value, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), $"");
        try
        {
            work();
        }
        catch
        {
            // The stream must not stay in capture; the first error is the one to report.
            if (cuStreamEndCapture(stream.Value, out nint partial) == CUresult.CUDA_SUCCESS && partial != 0) _ = cuGraphDestroy(partial);
            throw;
        }
        Check(cuStreamEndCapture(stream.Value, out nint made), $"");
        return new(stream.Context, made);
    }

    /// <summary>Makes it ready to run; all memory for that is allocated here.</summary>
    public CudaGraphExec Instantiate()
    {
        Check(cuGraphInstantiateWithFlags(out nint made, Value, flags: 0), $"");
        return new(context, made);
    }

    private protected override bool Destroy() => Gone(cuGraphDestroy(handle));
}

/// <summary>A graph that is ready to run.</summary>
public sealed class CudaGraphExec : CudaObject
{
    internal CudaGraphExec(CudaContext context, nint made) => Own(made, context);

    /// <summary>Gives the whole graph to a stream.</summary>
    public void Launch(CudaStream stream) => Check(cuGraphLaunch(Value, stream.Value), $"");

    private protected override bool Destroy() => Gone(cuGraphExecDestroy(handle));
}
