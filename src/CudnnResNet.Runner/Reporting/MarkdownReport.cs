using System.Text;
using CudnnResNet.Runner.Reporting.Figures;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The report as Markdown: the table, the pictures, the runs.</summary>
internal static class MarkdownReport
{
    /// <summary>The text.</summary>
    /// <param name="runs">What was read.</param>
    /// <param name="table">Made of them.</param>
    /// <param name="figures">Made of them; their files lie beside this one.</param>
    public static string Write(IReadOnlyList<ReportRun> runs, ResultTable table, IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder("# Plain and residual networks of He et al. 2015\n\n");
        foreach (string line in ReportLabels.Of(runs)) text.Append($"**{Escape(line)}**\n\n");
        text.Append(Table(table.Titles, table.Rows.Select(table.Texts)));
        foreach (string note in ResultTable.Notes) text.Append($"\n{Escape(note)}\n");
        text.Append("\nThe reference project, computed from its curves:\n\n");
        foreach (string line in ReferenceSummary.Lines()) text.Append($"- {Escape(line)}\n");
        foreach (var figure in figures) text.Append($"\n## {Escape(figure.Title)}\n\n{string.Concat(figure.Labels.Select(label => $"{Escape(label)}  \n"))}\n![{Escape(figure.Title)}]({figure.Id}.svg)\n");
        text.Append("\n## Runs\n\n");
        text.Append(Table(RunRow.Titles, runs.Select(RunRow.Texts)));
        return text.ToString();
    }

    /// <summary>A table.</summary>
    public static string Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows) =>
        Line([.. titles.Select(Escape)]) + Line([.. titles.Select(_ => "---")]) + string.Concat(rows.Select(row => Line([.. row.Select(Escape)])));

    private static string Line(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |\n";

    /// <summary>As text that Markdown and the HTML in it leave alone: names of folders may hold anything.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char letter in text)
        {
            if (char.IsControl(letter)) continue;
            if (letter is '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '#') escaped.Append('\\').Append(letter);
            else escaped.Append(letter switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", _ => letter.ToString() });
        }
        return escaped.ToString();
    }
}
