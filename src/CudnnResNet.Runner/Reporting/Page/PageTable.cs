namespace CudnnResNet.Runner.Reporting;

/// <summary>What a cell shows, and what it is sorted by where that is another value.</summary>
/// <param name="Content">What it shows.</param>
/// <param name="SortBy">A number or text; null for the text shown, empty for a cell without a value, which comes last.</param>
internal readonly record struct PageCell(Markup Content, string? SortBy = null)
{
    /// <summary>Text, escaped.</summary>
    public static PageCell Text(string text) => new(Markup.Of($"{text}"));

    /// <summary>A fraction in percent with two digits, or a dash.</summary>
    public static PageCell Percent(double? fraction) => fraction is { } value && double.IsFinite(value)
        ? new(Markup.Of($"{value * 100:F2}"), Output.Words.Text($"{value:R}"))
        : new(Markup.Of($"-"), "");

    /// <summary>A count.</summary>
    public static PageCell Count(long count) => new(Markup.Of($"{count:N0}"), Output.Words.Text($"{count}"));
}

/// <summary>A column of a table.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Kind">How its cells are set.</param>
internal sealed record PageColumn(string Title, ColumnKind Kind = ColumnKind.Name);

/// <summary>How cells are set.</summary>
internal enum ColumnKind
{
    /// <summary>A short text, in one line.</summary>
    Name,

    /// <summary>Aligned at the right.</summary>
    Number,

    /// <summary>A text of any length, in as many lines as it needs.</summary>
    Words,
}

/// <summary>A table that is sorted by real buttons in its head and scrolls inside its own region, which the keyboard reaches.</summary>
/// <param name="caption">What it shows.</param>
/// <param name="kind">Its class in the style sheet, or nothing.</param>
/// <param name="columns">The first one names the rows.</param>
internal sealed class PageTable(string caption, string kind, params PageColumn[] columns)
{
    private readonly List<PageCell[]> rows = [];

    /// <summary>Adds a row; a cell for each column.</summary>
    public void Add(params PageCell[] cells) => rows.Add(cells);

    /// <summary>The table in its region.</summary>
    public Markup ToMarkup() => Region(caption, caption, Markup.Of($"""
        <table class="sortable {kind}" aria-label="{caption}">
        <thead><tr>{Markup.Each(columns, Head)}</tr></thead>
        <tbody>
        {Markup.Each(rows, Row)}</tbody>
        </table>
        """));

    /// <summary>A table below its caption, in a region that scrolls where the page is too narrow and that the keyboard reaches.</summary>
    /// <param name="name">What the region is called.</param>
    /// <param name="caption">What is written above.</param>
    /// <param name="table">The table.</param>
    public static Markup Region(string name, string caption, Markup table) => Markup.Of($"""
        <figure class="table">
        <figcaption>{caption}</figcaption>
        <div class="scroll" role="region" aria-label="{name}" tabindex="0">
        {table}
        </div>
        </figure>

        """);

    private static Markup Head(PageColumn column) =>
        Markup.Of($"""<th scope="col" aria-sort="none"{Class(column)}><button type="button">{column.Title}</button></th>""");

    private Markup Row(PageCell[] cells) => Markup.Of($"<tr>{Markup.Each(cells.Select((cell, i) => (cell, i)), pair => Cell(pair.cell, pair.i))}</tr>\n");

    private Markup Cell(PageCell cell, int column)
    {
        var sortBy = Markup.If(cell.SortBy is not null, $" data-value=\"{cell.SortBy}\"");
        return column == 0
            ? Markup.Of($"""<th scope="row"{sortBy}{Class(columns[column])}>{cell.Content}</th>""")
            : Markup.Of($"<td{sortBy}{Class(columns[column])}>{cell.Content}</td>");
    }

    private static Markup Class(PageColumn column) => Markup.If(column.Kind != ColumnKind.Name, $" class=\"{column.Kind.ToString().ToLowerInvariant()}\"");
}
