namespace CudnnResNet.Runner.Output;

/// <summary>A table of text that reads the same on a terminal, in a pipe and in a log: aligned columns, one rule below the head.</summary>
internal sealed class TextTable(params (string Title, bool Right)[] columns)
{
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row; a cell for each column.</summary>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>The head, a rule, and the rows.</summary>
    public IEnumerable<string> Lines()
    {
        var widths = columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Title.Length).Max()).ToArray();
        yield return Join([.. columns.Select(column => column.Title)], widths);
        yield return string.Join("  ", widths.Select(width => new string('-', width)));
        foreach (string[] row in rows) yield return Join(row, widths);
    }

    private string Join(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, i) => columns[i].Right ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd();
}
