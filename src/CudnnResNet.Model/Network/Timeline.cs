using System.Diagnostics;
using CudnnResNet.Model.Devices.Profiling;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model;

/// <summary>
/// The ranges of a network's run, each inside another: what the caller opens (epochs, evaluations), the network's steps, and their ops
/// where those are watched. They go to the profiler that listens by NVTX, and to <see cref="NetworkOptions.Trace"/>; without either
/// nothing happens.
/// </summary>
/// <remarks>Belongs to the thread that runs the network.</remarks>
public sealed class Timeline
{
    private static readonly RangeName Step = new("step", RangeKind.Step), Pass = new("pass", RangeKind.Step);

    private readonly TraceRecorder? trace;
    private readonly StepRange? captured;
    private readonly IProfilerSwitch? profiler;
    private readonly bool nvtx = Nvtx.IsActive;
    private int depth;
    private long steps;
    private bool counting = true, inWindow;

    internal Timeline(TraceRecorder? trace, StepRange? captured, IProfilerSwitch? profiler)
    {
        (this.trace, this.captured, this.profiler) = (trace, captured, profiler);
    }

    /// <summary>Whether the ranges go anywhere.</summary>
    internal bool IsWatched => nvtx || trace is not null || profiler is not null;

    /// <summary>Opens a range until the result is disposed.</summary>
    /// <param name="name">What it is, of at most 100 letters.</param>
    /// <param name="number">Which one of its kind, such as the epoch; null for none.</param>
    public TimelineRange Open(string name, long? number = null)
    {
        var range = new TimelineRange(this, depth, counting);
        Begin(new(name, RangeKind.Run), number, keep: true, Stopwatch.GetTimestamp());
        return range;
    }

    /// <summary>The same for steps that are no part of the run, such as those that warm up: they are not counted and not recorded.</summary>
    public TimelineRange OpenUncounted(string name)
    {
        var range = Open(name);
        counting = false;
        return range;
    }

    /// <summary>A step or pass begins.</summary>
    /// <param name="counts">Whether it is one of those that <see cref="StepRange"/> counts.</param>
    /// <param name="isTraining">Whether it is a training step.</param>
    internal void BeginStep(bool counts, bool isTraining)
    {
        counts &= counting;
        if (counts) steps++;
        inWindow = counts && trace?.Steps.Contains(steps) == true;
        if (counts && steps == captured?.First) profiler!.StartProfiler();
        Begin(isTraining ? Step : Pass, counts ? steps : null, inWindow, Stopwatch.GetTimestamp());
    }

    /// <summary>The step or pass ends.</summary>
    internal void EndStep(bool counts)
    {
        End(Stopwatch.GetTimestamp());
        inWindow = false;
        if (counts && counting && steps == captured?.Last) profiler!.StopProfiler();
    }

    /// <summary>An op begins.</summary>
    internal void BeginOp(RangeName name, long timestamp) => Begin(name, null, inWindow, timestamp);

    /// <summary>The innermost range ends.</summary>
    internal void End(long timestamp)
    {
        depth--;
        trace?.End(timestamp);
        if (nvtx) Nvtx.Pop();
    }

    /// <summary>Ends what was opened since, in order: an exception may have left steps and ops open.</summary>
    internal void Close(int toDepth, bool countsAfter)
    {
        while (depth > toDepth) End(Stopwatch.GetTimestamp());
        counting = countsAfter;
    }

    private void Begin(RangeName name, long? number, bool keep, long timestamp)
    {
        depth++;
        trace?.Begin(name, number, keep, timestamp);
        if (!nvtx) return;
        if (number is { } which) Nvtx.Push(name.Text, which);
        else Nvtx.Push(name.Text);
    }
}

/// <summary>A range of a <see cref="Timeline"/>, which ends when this is disposed.</summary>
public readonly record struct TimelineRange : IDisposable
{
    private readonly Timeline timeline;
    private readonly int depth;
    private readonly bool counted;

    internal TimelineRange(Timeline timeline, int depth, bool counted) => (this.timeline, this.depth, this.counted) = (timeline, depth, counted);

    /// <summary>Ends the range, and what is open inside of it.</summary>
    public void Dispose() => timeline.Close(depth, counted);
}

/// <summary>What a range is about.</summary>
internal enum RangeKind
{
    /// <summary>Something around steps: an epoch, an evaluation, a save.</summary>
    Run,

    /// <summary>A training step or an inference pass.</summary>
    Step,

    /// <summary>One op of a step.</summary>
    Op,
}

/// <summary>What a range is called.</summary>
internal sealed record RangeName(string Text, RangeKind Kind);
