namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Whose calls a capture restricts; as in cuda.h.</summary>
internal enum CaptureMode
{
    Global = 0,
    ThreadLocal = 1,
    Relaxed = 2,
}

/// <summary>A capture under way: what is given to its stream goes into a graph. One stream takes part.</summary>
internal sealed class Capture(GpuStream stream, CaptureMode mode)
{
    private readonly List<Operation> operations = [];
    private readonly int thread = Environment.CurrentManagedThreadId;

    public GpuStream Stream => stream;

    public IReadOnlyList<Operation> Operations => operations;

    /// <summary>Why its graph is lost; null while all is well.</summary>
    public string? Problem { get; private set; }

    public void Add(Operation operation)
    {
        if (Problem is not null) throw new DeviceFault((int)CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, $"{stream} is in a capture that is lost: {Problem}");
        operations.Add(operation);
    }

    /// <summary>Whether its end may be asked for here.</summary>
    public void CheckThread()
    {
        if (mode != CaptureMode.Relaxed && thread != Environment.CurrentManagedThreadId)
            throw new DeviceFault((int)CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, $"the capture of {stream} is ended by a thread that did not begin it");
    }

    /// <summary>Inside a capture there is nothing to wait for but itself.</summary>
    public void CheckWait(GpuEvent other)
    {
        if (other.CapturedIn == this) return;
        throw Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_ISOLATION, $"{stream} waits during its capture for {other}, which was not recorded in it");
    }

    /// <summary>Loses the graph.</summary>
    /// <returns>What the guilty call returns.</returns>
    public DeviceFault Lose(CUresult result, string problem)
    {
        Problem ??= problem;
        return new((int)result, problem);
    }

    /// <summary>Refuses a call that cannot be captured, and that would disturb one: allocation, synchronisation, loading.</summary>
    /// <exception cref="DeviceFault">A capture is under way that the call may not meet.</exception>
    public static void Forbid(Machine machine, string call)
    {
        foreach (Capture capture in machine.Captures.Where(capture => capture.Restricts()))
            throw capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"{call} during the capture of {capture.Stream}");
    }

    /// <summary>Refuses to wait for, or to ask about, a stream that is captured.</summary>
    public static void ForbidOn(GpuStream stream, string call)
    {
        if (stream.Capture is { } capture) throw capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"{call} on {stream}, which is being captured");
    }

    private bool Restricts() => mode == CaptureMode.Global || mode == CaptureMode.ThreadLocal && thread == Environment.CurrentManagedThreadId;
}
