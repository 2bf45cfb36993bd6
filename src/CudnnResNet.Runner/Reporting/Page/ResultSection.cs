using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The page's tables of errors: networks beside the paper and the reference project, and run by run.</summary>
internal static class ResultSection
{
    /// <summary>The networks.</summary>
    public static Markup Networks(ResultTable table) => Markup.Of($"""
        <section id="results" aria-labelledby="results-title">
        <h2 id="results-title">Results</h2>
        {Table(table)}
        {Markup.If(table.Letters.Count > 0, $"<p>{string.Join("; ", table.Letters)}.</p>")}
        <p class="soft">{string.Join(' ', ResultTable.Notes)} The reference project by its own curves: {string.Join("; ", ReferenceSummary.Lines())}.</p>
        </section>

        """);

    /// <summary>The runs.</summary>
    public static Markup Runs(IReadOnlyList<ReportRun> runs) => Markup.Of($"""
        <section id="runs" aria-labelledby="runs-title">
        <h2 id="runs-title">Runs</h2>
        {Table(runs)}
        </section>

        """);

    private static Markup Table(ResultTable table)
    {
        int own = table.Groups.Count * 3;
        var columns = table.ShortTitles.Select((title, i) => new PageColumn(title, i == 0 ? ColumnKind.Name : i < 3 + own ? ColumnKind.Number : ColumnKind.Words));
        var page = new PageTable("Test error in %, by network", "results", [.. columns]);
        foreach (var row in table.Rows)
        {
            double?[] values = [null, row.Paper?.Error, row.Reference?.Best?.TestError, .. row.Cells.SelectMany(cell => new[] { cell?.Final.Mean, cell?.Best.Mean, cell?.Runs.Count })];
            page.Add([.. table.ShortTexts(row).Select((text, i) => i == 0 || i >= values.Length ? PageCell.Text(text) : new(Markup.Of($"{text}"), values[i] is { } value ? Words.Text($"{value:R}") : ""))]);
        }
        return page.ToMarkup();
    }

    private static Markup Table(IReadOnlyList<ReportRun> runs)
    {
        int last = RunRow.Titles.Count - 1;
        var table = new PageTable("Run by run: test error in %", "runs", [.. RunRow.Titles.Select((title, i) => new PageColumn(title, i is 0 or 2 || i == last ? ColumnKind.Words : i == 1 ? ColumnKind.Name : ColumnKind.Number))]);
        foreach (var run in runs)
            table.Add([.. RunRow.Texts(run).Select((text, i) => i == last ? new(LabelList.Marks(run.Labels), text) : PageCell.Text(text))]);
        return table.ToMarkup();
    }
}
