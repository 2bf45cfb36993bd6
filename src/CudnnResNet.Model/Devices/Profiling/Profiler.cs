using System.Diagnostics;

namespace CudnnResNet.Model.Devices.Profiling;

/// <summary>
/// Adds up how long a network's ops take within the steps of one mode, and tells the timeline of all steps and ops. Nothing is allocated
/// while it measures.
/// </summary>
/// <param name="mode">Which steps count: training steps, or inference passes; the others run unmeasured.</param>
/// <param name="timeline">Where the ranges of steps and ops go.</param>
internal sealed class Profiler(Mode mode, Timeline timeline)
{
    private readonly Dictionary<(string Name, Direction? Direction), OpTimer> timers = [];
    private long steps, ticks, begun;

    /// <summary>Whether a step that counts is going on.</summary>
    public bool InStep { get; private set; }

    /// <summary>The timer of an op, made when its unit is made.</summary>
    public OpTimer Add(string name, Direction? direction)
    {
        string text = direction is { } which ? $"{name} {which.ToString().ToLowerInvariant()}" : name;
        return timers[(name, direction)] = new(this, timeline, new(text, RangeKind.Op));
    }

    /// <summary>A step begins.</summary>
    public void BeginStep(Mode ofStep)
    {
        InStep = ofStep == mode;
        timeline.BeginStep(InStep, ofStep == Mode.Training);
        begun = Stopwatch.GetTimestamp();
    }

    /// <summary>The step is over.</summary>
    public void EndStep()
    {
        if (InStep)
        {
            ticks += Stopwatch.GetTimestamp() - begun;
            steps++;
        }
        timeline.EndStep(InStep);
        InStep = false;
    }

    /// <summary>Forgets everything measured.</summary>
    public void Reset()
    {
        steps = ticks = 0;
        foreach (var timer in timers.Values) timer.Reset();
    }

    /// <summary>What was measured, for the ops in this order; ops that did not run are left out.</summary>
    public ProfileReport Report(IEnumerable<OpWork> ops)
    {
        if (steps == 0) return new(0, 0, []);
        var rows = new List<ProfileRow>();
        long left = ticks;
        foreach (var op in ops)
        {
            var timer = timers[(op.Name, op.Direction)];
            if (timer.Calls == 0) continue;
            rows.Add(Row(op, timer.Calls, timer.Images, timer.Ticks));
            left -= timer.Ticks;
        }
        rows.Add(Row(OpList.Other, steps, 0, left));
        return new(steps, Seconds(ticks), rows);
    }

    private ProfileRow Row(OpWork op, long calls, long images, long ticks) => new(op, calls, images, Seconds(ticks), (double)ticks / this.ticks);

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}

/// <summary>The time of one op, and its range on the timeline.</summary>
internal sealed class OpTimer(Profiler profiler, Timeline timeline, RangeName name)
{
    private long begun;

    public long Calls { get; private set; }

    public long Images { get; private set; }

    public long Ticks { get; private set; }

    /// <summary>The op begins.</summary>
    public void Begin()
    {
        begun = Stopwatch.GetTimestamp();
        timeline.BeginOp(name, begun);
    }

    /// <summary>The op has worked on n images.</summary>
    public void End(int n)
    {
        long ended = Stopwatch.GetTimestamp();
        timeline.End(ended);
        if (!profiler.InStep) return;
        Ticks += ended - begun;
        Calls++;
        Images += n;
    }

    public void Reset() => Calls = Images = Ticks = 0;
}
