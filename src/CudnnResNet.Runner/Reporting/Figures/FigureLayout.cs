namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>A rectangle in pixels, y downwards.</summary>
internal readonly record struct Box(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;
}

/// <summary>The label at a curve's end.</summary>
/// <param name="Curve">The curve.</param>
/// <param name="From">Its last point, in pixels.</param>
/// <param name="At">Where the label's mark is, in pixels; its text begins <see cref="FigureLayout.MarkWidth"/> further right.</param>
internal readonly record struct PlacedLabel(Curve Curve, Point From, Point At);

/// <summary>Where a panel's parts are.</summary>
/// <param name="Panel">The panel.</param>
/// <param name="Area">What the axes enclose.</param>
/// <param name="Labels">The labels at the curves' ends.</param>
internal sealed record PlacedPanel(Panel Panel, Box Area, IReadOnlyList<PlacedLabel> Labels)
{
    /// <summary>Where a point of a curve is, in pixels; outside of the area too.</summary>
    public Point Place(Point point) => new(Area.Left + Panel.X.Place(point.X) * Area.Width, Area.Bottom - Panel.Y.Place(point.Y) * Area.Height);

    /// <summary>The runs of a curve's points that can be drawn: those without NaN.</summary>
    public static IEnumerable<IReadOnlyList<Point>> Pieces(Curve curve)
    {
        var piece = new List<Point>();
        foreach (var point in curve.Points)
        {
            if (double.IsFinite(point.Y)) piece.Add(point);
            else if (piece.Count > 0)
            {
                yield return piece;
                piece = [];
            }
        }
        if (piece.Count > 0) yield return piece;
    }

    /// <summary>A few points of a curve, for marks; curves of different colours have theirs in different places.</summary>
    public IEnumerable<Point> MarkedPoints(Curve curve)
    {
        const int marks = 6;
        var points = curve.Points.Where(point => double.IsFinite(point.Y) && Panel.X.Place(point.X) is >= 0 and <= 1 && Panel.Y.Place(point.Y) is >= 0 and <= 1).ToList();
        int step = Math.Max(1, points.Count / marks), first = step * (int)curve.Mark / 5;
        for (int i = first; i < points.Count; i += step) yield return points[i];
    }
}

/// <summary>Where everything of a figure is; both renderers draw by it.</summary>
/// <param name="Width">Of the whole, in pixels.</param>
/// <param name="Height">Of the whole, in pixels.</param>
/// <param name="LabelLines">The figure's labels, broken into lines.</param>
/// <param name="Keys">Where each of the figure's keys begins with its piece of line; the text comes <see cref="KeyWidth"/> further right.</param>
/// <param name="Panels">The panels.</param>
internal sealed record FigureLayout(double Width, double Height, IReadOnlyList<string> LabelLines, IReadOnlyList<(LineKey Key, Point At)> Keys, IReadOnlyList<PlacedPanel> Panels)
{
    /// <summary>Font sizes, in pixels.</summary>
    public const double TitleSize = 16, PanelTitleSize = 13, TextSize = 12;

    /// <summary>From a label's mark to its text.</summary>
    public const double MarkWidth = 9;

    /// <summary>Half of a mark's width.</summary>
    public const double MarkRadius = 3.2;

    /// <summary>Lines of the head: the title's baseline, then the labels'.</summary>
    public const double TitleBaseline = 24, LabelLineHeight = 17;

    /// <summary>Distances of a panel's texts from its area.</summary>
    public const double PanelTitleAbove = 32, TopTicksAbove = 9, TicksBelow = 17, AxisTitleBelow = 36, AxisTitleLeft = 48, TicksLeft = 8;

    /// <summary>Where the head's lines begin.</summary>
    public const double Edge = 12;

    /// <summary>A key's piece of line, and the step to its text.</summary>
    public const double KeyLine = 26, KeyWidth = 32;

    private const double AreaWidth = 350, AreaHeight = 290, AloneWidth = 560;
    private const double LeftMargin = 68, TopMargin = 52, BottomMargin = 48, LabelGap = 14, LabelDistance = 15;

    // A little more than the average letter of the fonts that may come.
    private const double LetterWidth = 6.7;

    /// <summary>Finds the places.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="columns">Panels in a row; null for all of them.</param>
    public static FigureLayout Create(Figure figure, int? columns = null)
    {
        int perRow = Math.Clamp(columns ?? figure.Panels.Count, 1, figure.Panels.Count);
        double areaWidth = figure.Panels.Count == 1 ? AloneWidth : AreaWidth;
        // Panels in one column are as wide as the widest of them needs.
        double[] widths = [.. Enumerable.Range(0, perRow).Select(column => LeftMargin + areaWidth + figure.Panels.Where((_, i) => i % perRow == column).Max(LabelWidth))];
        double panelHeight = TopMargin + AreaHeight + BottomMargin, width = widths.Sum();
        var lines = Wrap(figure.Labels, (int)((width - 2 * Edge) / LetterWidth));
        double keyBaseline = TitleBaseline + 4 + (lines.Count + 1) * LabelLineHeight, head = keyBaseline + 6;
        var panels = figure.Panels.Select((panel, i) => Place(panel, new(widths.Take(i % perRow).Sum() + LeftMargin, head + panelHeight * (i / perRow) + TopMargin, areaWidth, AreaHeight)));
        int rows = (figure.Panels.Count + perRow - 1) / perRow;
        return new(width, head + panelHeight * rows, lines, PlaceKeys(figure.Keys, keyBaseline), [.. panels]);
    }

    private static PlacedPanel Place(Panel panel, Box area)
    {
        var placed = new PlacedPanel(panel, area, []);
        var labelled = panel.Curves.Where(curve => curve.EndLabel is not null && curve.Points.Any(point => double.IsFinite(point.Y))).ToList();
        var ends = labelled.Select(curve => placed.Place(curve.Points.Last(point => double.IsFinite(point.Y)))).Select(end => end with { Y = Math.Clamp(end.Y, area.Top, area.Bottom) }).ToList();
        double[] places = LabelStack.Spread([.. ends.Select(end => end.Y)], LabelDistance, area.Top, area.Bottom);
        return placed with { Labels = [.. labelled.Select((curve, i) => new PlacedLabel(curve, ends[i], new(area.Right + LabelGap, places[i])))] };
    }

    private static double LabelWidth(Panel panel) => LabelGap + MarkWidth + Edge + LetterWidth * panel.Curves.Max(curve => curve.EndLabel?.Length ?? 0);

    private static List<(LineKey, Point)> PlaceKeys(IReadOnlyList<LineKey> keys, double baseline)
    {
        var placed = new List<(LineKey, Point)>();
        double x = Edge;
        foreach (var key in keys)
        {
            placed.Add((key, new(x, baseline)));
            x += KeyWidth + LetterWidth * key.Text.Length + 24;
        }
        return placed;
    }

    /// <summary>The labels behind each other, in lines of so many letters.</summary>
    private static List<string> Wrap(IReadOnlyList<string> labels, int letters)
    {
        var lines = new List<string>();
        foreach (string label in labels)
        {
            string joined = lines.Count > 0 ? $"{lines[^1]}  ·  {label}" : label;
            if (lines.Count > 0 && joined.Length <= letters) lines[^1] = joined;
            else lines.Add(label);
        }
        return lines;
    }
}
