using System.Text.Json.Nodes;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>
/// What a command says. People get lines, programs (<c>--json</c>) get one object per line, and <c>--quiet</c> leaves only results.
/// A command says everything once for each: nothing here translates one into the other. Names from files may be in every line: what could
/// drive a terminal is left out of it here.
/// </summary>
internal sealed class Report(bool json, bool quiet)
{
    private const int NameWidth = 10;

    /// <summary>Whether programs read along.</summary>
    public bool Json { get; } = json;

    /// <summary>Whether only results and errors are wanted.</summary>
    public bool Quiet { get; } = quiet;

    /// <summary>A line for people, left out with <c>--quiet</c>.</summary>
    public void Line(string text = "")
    {
        if (!Json && !Quiet) Console.Out.WriteLine(PrintableText.Of(text));
    }

    /// <summary>A line that begins with a name: <c>device    cpu …</c>.</summary>
    public void Field(string name, string text) => Line($"{name.PadRight(NameWidth)}{text}");

    /// <summary>A line for people that <c>--quiet</c> keeps.</summary>
    public void Result(string text)
    {
        if (!Json) Console.Out.WriteLine(PrintableText.Of(text));
    }

    /// <summary>Something a person should know before trusting a result; with <c>--quiet</c> it goes to stderr.</summary>
    public void Note(string text)
    {
        if (Json) Record("note", new() { ["text"] = text });
        else if (Quiet) Console.Error.WriteLine($"note: {PrintableText.Of(text)}");
        else Field("note", text);
    }

    /// <summary>An object for programs.</summary>
    public void Record(string name, JsonObject values)
    {
        if (!Json) return;
        values.Insert(0, "event", name);
        Console.Out.WriteLine(values.ToJsonString(JsonLines.Options));
    }
}
