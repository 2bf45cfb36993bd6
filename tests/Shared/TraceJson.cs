using System.Text.Json;

namespace CudnnResNet.Tests;

/// <summary>A range of a trace or of a profiler's record; times in microseconds where it has them.</summary>
internal sealed record TracedRange(string Name, string Kind, decimal Begin, decimal End)
{
    /// <summary>The ranges directly inside of it, in order.</summary>
    public List<TracedRange> Inner { get; } = [];

    public decimal Duration => End - Begin;

    /// <summary>Itself and all ranges inside of it.</summary>
    public IEnumerable<TracedRange> All => Inner.SelectMany(range => range.All).Prepend(this);
}

/// <summary>Reads the files of <c>--trace</c> as a viewer does.</summary>
internal static class TraceJson
{
    /// <summary>The outermost ranges; asserts that every range is a complete one and lies inside of another one or beside it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">What process and thread are called.</param>
    public static List<TracedRange> Read(string path, out string[] names)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var events = document.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        names = [.. events.Where(entry => Text(entry, "ph") == "M").Select(entry => $"{Text(entry, "name")}: {Text(entry.GetProperty("args"), "name")}")];
        var roots = new List<TracedRange>();
        var open = new Stack<TracedRange>();
        foreach (var entry in events.Where(entry => Text(entry, "ph") != "M"))
        {
            Assert.AreEqual("X", Text(entry, "ph"));
            Assert.AreEqual(events[0].GetProperty("pid").GetInt32(), entry.GetProperty("pid").GetInt32());
            Assert.AreEqual(events[0].GetProperty("tid").GetInt32(), entry.GetProperty("tid").GetInt32());
            decimal begin = entry.GetProperty("ts").GetDecimal(), duration = entry.GetProperty("dur").GetDecimal();
            Assert.IsGreaterThanOrEqualTo(0, begin);
            Assert.IsGreaterThanOrEqualTo(0, duration);
            var range = new TracedRange(Text(entry, "name"), Text(entry, "cat"), begin, begin + duration);
            while (open.TryPeek(out var before) && before.End <= begin) open.Pop();
            if (open.TryPeek(out var outer)) Assert.IsLessThanOrEqualTo(outer.End, range.End, $"{range} is partly outside of {outer}");
            (outer?.Inner ?? roots).Add(range);
            open.Push(range);
        }
        return roots;
    }

    /// <summary>The outermost ranges.</summary>
    public static List<TracedRange> Read(string path) => Read(path, out _);

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
