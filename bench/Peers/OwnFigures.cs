using System.Globalization;
using System.Text.Json.Serialization;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>A figure of this engine alone: of the medians, then the least and the most of any round.</summary>
/// <param name="Id">For programs.</param>
/// <param name="Title">For people, with its unit.</param>
/// <param name="Format">Of the number, .NET's.</param>
internal sealed record OwnFigure(string Id, string Title, [property: JsonIgnore] string Format, double Median, double Least, double Most);

/// <summary>What is told of this engine alone.</summary>
internal static class OwnFigures
{
    /// <summary>The figures of the rows that were measured and of the starts.</summary>
    public static IReadOnlyList<OwnFigure> Of(IReadOnlyList<RowResult> rows, IReadOnlyList<Start> starts)
    {
        var figures = new List<OwnFigure>();
        if (starts.Count > 0)
        {
            Add("bytes_per_step", "managed memory that a training step allocates, bytes", "N0", OfRounds(starts.Select(start => start.BytesPerStep)));
            Add("first_step_seconds", "first training step done after the program's start, s", "F2", OfRounds(starts.Select(start => start.FirstStepSeconds)));
        }
        if (Ratio(Rows.Threads) is { } threads) Add("threads_ratio", "images/s in a training step, all threads : one thread", "F2", threads);
        if (Ratio(Rows.Loading) is { } loading) Add("loading_percent", "augmenting and normalising a batch, % of a training step", "F2", (loading.Median * 100, loading.Least * 100, loading.Most * 100));
        if (Ratio(Rows.Evaluation) is { } evaluation) Add("evaluation_ratio", $"images/s, evaluation of {Words.Count(OurWork.SetSize)} images : inference", "F2", evaluation);
        return figures;

        void Add(string id, string title, string format, (double Median, double Least, double Most) value) => figures.Add(new(id, title, format, value.Median, value.Least, value.Most));

        // How many times as fast the row's first side is as its second.
        (double Median, double Least, double Most)? Ratio(string id) =>
            rows.FirstOrDefault(row => row.Row.Id == id) is { Sides: [{ Problem: null } first, { Problem: null } second] } ? second.TimesAsFast(first) : null;
    }

    /// <summary>The figures as a table.</summary>
    public static IEnumerable<string> Table(IEnumerable<OwnFigure> figures)
    {
        var table = new TextTable(("figure", false), ("median", true), ("in any round", true));
        foreach (var figure in figures) table.Add(figure.Title, Text(figure, figure.Median), $"{Text(figure, figure.Least)}..{Text(figure, figure.Most)}");
        return table.Lines();
    }

    private static (double Median, double Least, double Most) OfRounds(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return (Statistics.Median(all), all.Min(), all.Max());
    }

    private static string Text(OwnFigure figure, double value) => value.ToString(figure.Format, CultureInfo.InvariantCulture);
}
