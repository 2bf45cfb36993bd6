namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>An operation in a stream's queue: once for each time it is given.</summary>
/// <param name="stream">The stream.</param>
/// <param name="operation">What is to be done.</param>
/// <param name="number">Its place among all work of the stream, for messages.</param>
/// <param name="evidence">What the operation noted when it was given.</param>
internal sealed class Work(GpuStream stream, Operation operation, long number, byte[]? evidence)
{
    public GpuStream Stream => stream;

    public bool IsDone { get; private set; }

    /// <summary>Whether somebody was told that it is not ready; the next one who asks makes it ready.</summary>
    public bool WasAsked { get; set; }

    /// <summary><see cref="Machine.Time"/> when it was done.</summary>
    public long Time { get; private set; }

    /// <summary>Does it.</summary>
    /// <returns>Whether it went well; otherwise the machine is broken.</returns>
    public bool Run(GpuContext context)
    {
        try
        {
            operation.Execute(context, evidence);
        }
        catch (DeviceFault fault)
        {
            context.Machine.Break((CUresult)fault.Code, $"{operation}, work {number} of {stream}: {fault.Message}");
        }
        catch (Exception error)
        {
            context.Machine.Break(CUresult.CUDA_ERROR_UNKNOWN, $"{operation}, work {number} of {stream}: the emulator itself failed: {error}");
        }
        IsDone = !context.Machine.IsBroken;
        Time = context.Machine.Time;
        return IsDone;
    }
}

/// <summary>A stream: work that is done in its order, early or late.</summary>
internal sealed class GpuStream(GpuContext context) : GpuObject("stream", context)
{
    private readonly Queue<Work> pending = new();
    private long given;
    private bool wasAsked;

    /// <summary>The capture that takes what is given to it; null outside captures.</summary>
    public Capture? Capture { get; set; }

    public bool IsIdle => pending.Count == 0;

    private Machine Machine => Owner!.Machine;

    /// <summary>Gives it an operation, or the capture where one is under way.</summary>
    public void Give(Operation operation)
    {
        if (Capture is { } capture) capture.Add(operation);
        else Enqueue(operation);
    }

    /// <summary>Puts an operation into the queue; early, it is done before this returns.</summary>
    public Work Enqueue(Operation operation)
    {
        var work = new Work(this, operation, ++given, operation.Given(Machine.Order));
        pending.Enqueue(work);
        wasAsked = false;
        if (Machine.Order == Order.Early) RunAll();
        return work;
    }

    /// <summary>Does everything in the queue.</summary>
    public void RunAll()
    {
        while (pending.Count > 0 && !Machine.IsBroken) RunNext();
    }

    /// <summary>Does what is in the queue up to a piece of work, and no more.</summary>
    public void RunUntil(Work work)
    {
        while (!work.IsDone && !Machine.IsBroken) RunNext();
    }

    /// <summary>Whether all is done. The first time there is work the answer is no; the next question does it.</summary>
    public bool Query()
    {
        if (IsIdle) return true;
        if (!wasAsked)
        {
            wasAsked = true;
            return false;
        }
        RunAll();
        return true;
    }

    // It stays at the head while it runs: what it waits for in other streams asks for earlier work only.
    private void RunNext()
    {
        if (pending.Peek().Run(Owner!)) pending.Dequeue();
    }
}
