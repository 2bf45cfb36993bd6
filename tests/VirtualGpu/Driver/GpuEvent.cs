namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>An event: the last mark that it has put into a stream, or into a capture.</summary>
internal sealed class GpuEvent(GpuContext context, bool timing) : GpuObject("event", context)
{
    private Work? mark;

    /// <summary>The capture in which it was recorded last; null where that was in a stream, or nowhere.</summary>
    public Capture? CapturedIn { get; private set; }

    public void Record(GpuStream stream)
    {
        CapturedIn = stream.Capture;
        mark = CapturedIn is null ? stream.Enqueue(new Mark()) : null;
    }

    /// <summary>Lets a stream's later work wait for what was before the mark; never recorded, it holds up nothing.</summary>
    public void HoldUp(GpuStream stream)
    {
        if (stream.Capture is { } capture) capture.CheckWait(this);
        else if (CapturedIn is not null) throw new DeviceFault((int)CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"{stream} waits for {this}, which was recorded during a capture: the emulator captures one stream");
        else if (mark is not null) stream.Enqueue(new WaitFor(mark));
    }

    /// <summary>Whether the mark is reached. The first time it is not the answer is no; the next question does the work before it.</summary>
    public bool Query()
    {
        CheckNotCaptured();
        if (mark is not { IsDone: false } open) return true;
        if (!open.WasAsked)
        {
            open.WasAsked = true;
            return false;
        }
        open.Stream.RunUntil(open);
        return true;
    }

    public void Synchronize()
    {
        CheckNotCaptured();
        mark?.Stream.RunUntil(mark);
    }

    /// <summary>Milliseconds from one mark to another, at a nanosecond for each instruction: a figure that is no time; null where one is not reached.</summary>
    public static float? Milliseconds(GpuEvent start, GpuEvent end)
    {
        foreach (GpuEvent item in new[] { start, end })
        {
            item.CheckNotCaptured();
            if (!item.KeepsTime) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_HANDLE, $"{item} keeps no time: it was created with CU_EVENT_DISABLE_TIMING");
            if (item.mark is null) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_HANDLE, $"{item} was never recorded");
        }
        return start.mark!.IsDone && end.mark!.IsDone ? (end.mark.Time - start.mark.Time) * 1e-6f : null;
    }

    private bool KeepsTime => timing;

    private void CheckNotCaptured()
    {
        if (CapturedIn is not null) throw new DeviceFault((int)CUresult.CUDA_ERROR_CAPTURED_EVENT, $"{this} was recorded during a capture: it marks nothing that is ever done");
    }
}
