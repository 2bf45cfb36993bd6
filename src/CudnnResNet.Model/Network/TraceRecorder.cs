using System.Diagnostics;
using System.Text.Json;

namespace CudnnResNet.Model;

/// <summary>
/// Writes down when the ranges of a run begin and end, for a file that Perfetto and Chrome show as a timeline: the outer ones (epochs,
/// evaluations, saves) all, steps and their ops within a window of steps. Hand it to one network in <see cref="NetworkOptions.Trace"/>.
/// </summary>
/// <remarks>The room is taken when the network is made; nothing is allocated while it records. Not thread-safe.</remarks>
public sealed class TraceRecorder
{
    /// <summary>Most steps of a window: those of ResNet-110 make a file of some 25 MB.</summary>
    public const int MaxSteps = 1000;

    private const int MaxOuter = 10_000, MaxDepth = 16;
    private const int Thread = 1;

    private readonly Entry[] outer = new Entry[MaxOuter], open = new Entry[MaxDepth];
    private readonly long origin = Stopwatch.GetTimestamp();
    private Entry[] inner = [];
    private int outerCount, innerCount, depth;
    private string network = "no network", device = "";

    /// <summary>A recorder.</summary>
    /// <param name="steps">The steps of which the ops are recorded.</param>
    /// <exception cref="InvalidSettingException">The window is no range, or larger than <see cref="MaxSteps"/>.</exception>
    public TraceRecorder(StepRange steps)
    {
        steps.Check("trace-steps");
        if (steps.Count > MaxSteps) throw new InvalidSettingException($"trace-steps {steps} is {steps.Count} steps, more than {MaxSteps}");
        Steps = steps;
    }

    /// <summary>The steps of which the ops are recorded, counted from 1 at the start of the run in this process.</summary>
    public StepRange Steps { get; }

    /// <summary>Ranges recorded and closed so far.</summary>
    public int Count => outerCount + innerCount;

    /// <summary>Ranges that found no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Steps of the window recorded so far.</summary>
    public long StepsRecorded { get; private set; }

    /// <summary>Writes what was recorded as a Chrome trace, whole or not at all; ranges that are still open end now.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Save(string path) => AtomicFile.Write(path, Write);

    /// <summary>Takes the room for a network's steps.</summary>
    internal void Prepare(string networkName, string deviceDescription, int rangesPerStep)
    {
        (network, device) = (networkName, deviceDescription);
        inner = new Entry[Steps.Count * rangesPerStep];
    }

    /// <summary>A range begins.</summary>
    /// <param name="range">Which one.</param>
    /// <param name="number">Which one of its kind, or null.</param>
    /// <param name="keep">False: it is outside of the window and only followed, so that ranges are closed in order.</param>
    /// <param name="timestamp">Now.</param>
    internal void Begin(RangeName range, long? number, bool keep, long timestamp)
    {
        if (depth < MaxDepth) open[depth] = new(range, number, keep, timestamp, timestamp);
        depth++;
    }

    /// <summary>The innermost range ends.</summary>
    internal void End(long timestamp)
    {
        depth--;
        if (depth < MaxDepth && open[depth].Keep) Store(open[depth] with { End = timestamp });
    }

    private void Store(in Entry entry)
    {
        bool isOuter = entry.Range.Kind == RangeKind.Run;
        ref int count = ref isOuter ? ref outerCount : ref innerCount;
        var room = isOuter ? outer : inner;
        if (count == room.Length)
        {
            Dropped++;
            return;
        }
        room[count++] = entry;
        if (entry.Range.Kind == RangeKind.Step) StepsRecorded++;
    }

    private void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        json.WriteString("network", network);
        json.WriteString("device", device);
        json.WriteString("window", $"steps {Steps}");
        json.WriteNumber("dropped", Dropped);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        WriteName(json, "process_name", $"CudnnResNet, {network} on {device}");
        WriteName(json, "thread_name", "run");
        long now = Stopwatch.GetTimestamp();
        var entries = outer.Take(outerCount).Concat(inner.Take(innerCount)).Concat(open.Take(Math.Min(depth, MaxDepth)).Where(entry => entry.Keep).Select(entry => entry with { End = now }));
        // Outer ranges before inner ones that begin at the same moment.
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenByDescending(entry => entry.End)) WriteRange(json, entry);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string what, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteNumber("tid", Thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteRange(Utf8JsonWriter json, in Entry entry)
    {
        json.WriteStartObject();
        json.WriteString("name", entry.Number is { } number ? $"{entry.Range.Text} {number}" : entry.Range.Text);
        json.WriteString("cat", entry.Range.Kind switch { RangeKind.Run => "run", RangeKind.Step => "step", _ => "op" });
        json.WriteString("ph", "X");
        json.WriteNumber("ts", Microseconds(entry.Begin - origin));
        json.WriteNumber("dur", Microseconds(entry.End - entry.Begin));
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteNumber("tid", Thread);
        json.WriteEndObject();
    }

    // Decimal, so that the sums of the file's times are exact: a range ends where its last inner one does, not a rounding before.
    private static decimal Microseconds(long ticks) => ticks * 1_000_000m / Stopwatch.Frequency;

    private readonly record struct Entry(RangeName Range, long? Number, bool Keep, long Begin, long End);
}
