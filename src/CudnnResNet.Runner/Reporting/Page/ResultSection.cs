using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The page's tables of errors: networks beside the paper and the reference project, then run by run.</summary>
internal static class ResultSection
{
    /// <summary>Both tables with their headings.</summary>
    public static Markup Of(IReadOnlyList<ReportRun> runs) => Markup.Of($"""
        <section id="results" aria-labelledby="results-title">
        <h2 id="results-title">Results</h2>
        {Networks(ResultTable.Create(runs))}
        {Markup.Each(ResultTable.Notes, note => Markup.Of($"<p class=\"soft\">{note}</p>\n"))}
        <p class="soft">The reference project by its own curves: {string.Join("; ", ReferenceSummary.Lines())}.</p>
        </section>
        {Markup.If(runs.Count > 0, $"<section id=\"runs\" aria-labelledby=\"runs-title\">\n<h2 id=\"runs-title\">Runs</h2>\n{Runs(runs)}</section>\n")}
        """);

    private static Markup Networks(ResultTable table)
    {
        int own = table.Groups.Count * 3;
        var columns = table.Titles.Select((title, i) => new PageColumn(title, i == 0 ? ColumnKind.Name : i < 3 + own ? ColumnKind.Number : ColumnKind.Words));
        var page = new PageTable("Test error in %, by network", "results", [.. columns]);
        foreach (var row in table.Rows)
        {
            double?[] values = [null, row.Paper?.Error, row.Reference?.Best?.TestError, .. row.Cells.SelectMany(cell => new[] { cell?.Final.Mean, cell?.Best.Mean, cell?.Runs.Count })];
            page.Add([.. table.Texts(row).Select((text, i) => i == 0 || i >= values.Length ? PageCell.Text(text) : new(Markup.Of($"{text}"), values[i] is { } value ? Words.Text($"{value:R}") : ""))]);
        }
        return page.ToMarkup();
    }

    private static Markup Runs(IReadOnlyList<ReportRun> runs)
    {
        var table = new PageTable("The runs, error in %", "runs",
            new("run", ColumnKind.Words), new("network"), new("recipe"), new("seed", ColumnKind.Number), new("epochs", ColumnKind.Number),
            new("final", ColumnKind.Number), new("best", ColumnKind.Number), new("labels", ColumnKind.Words), new("read from", ColumnKind.Words));
        foreach (var run in runs)
        {
            table.Add(
                PageCell.Text(run.Name), PageCell.Text(run.Network), PageCell.Text(run.Recipe.Title),
                run.Seed is { } seed ? new(Markup.Of($"{seed}")) : new(Markup.Of($"-"), ""),
                new(Markup.Of($"{run.Epochs.Count} of {run.PlannedEpochs}"), Words.Text($"{run.Epochs.Count}")),
                PageCell.Percent(run.Final?.TestError), PageCell.Percent(run.Best?.TestError),
                new(Markup.Each(run.Labels, label => Markup.Of($"<span class=\"mark warn\">{label}</span> ")), string.Join(' ', run.Labels)),
                new(Markup.Of($"<code>{run.Source}</code>"), run.Source));
        }
        return table.ToMarkup();
    }
}
