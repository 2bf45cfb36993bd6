using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>
/// Draws figures as SVG. Text is text, title and description are there for people who cannot see the picture, and every colour is a CSS
/// variable (<c>--figure-text</c>, <c>--figure-depth-20</c>, …), so that a page can have a light and a dark form.
/// </summary>
internal static class SvgFigure
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>The style that the elements need; once in a page, however many figures it has.</summary>
    public static string Style { get; } = MakeStyle();

    /// <summary>A file by itself, with its style.</summary>
    public static string Document(Figure figure)
    {
        var element = Element(figure);
        element.AddFirst(new XElement(Svg + "style", Style));
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{element.ToString(SaveOptions.None).ReplaceLineEndings("\n")}\n";
    }

    /// <summary>The <c>svg</c> element for a page that holds <see cref="Style"/>.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="columns">Panels in a row; null for all of them.</param>
    public static XElement Element(Figure figure, int? columns = null)
    {
        var layout = FigureLayout.Create(figure, columns);
        string title = $"{figure.Id}-title", description = $"{figure.Id}-description";
        var root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Text(layout.Width)} {Text(layout.Height)}"),
            new XAttribute("class", "figure"), new XAttribute("role", "img"), new XAttribute("aria-labelledby", $"{title} {description}"),
            new XElement(Svg + "title", new XAttribute("id", title), Clean(figure.Title)),
            new XElement(Svg + "desc", new XAttribute("id", description), Clean(string.Join(". ", figure.Labels.Append(figure.Description)))),
            new XElement(Svg + "rect", new XAttribute("class", "figure-background"), new XAttribute("width", Text(layout.Width)), new XAttribute("height", Text(layout.Height))),
            Words("figure-title", FigureLayout.Edge, FigureLayout.TitleBaseline, figure.Title),
            layout.LabelLines.Select((line, i) => Words("figure-label", FigureLayout.Edge, FigureLayout.TitleBaseline + (i + 1) * FigureLayout.LabelLineHeight + 3, line)),
            layout.Keys.SelectMany(key => new[]
            {
                Line($"figure-{Name(key.Key.Style)} figure-key", key.At.X, key.At.Y - 4, key.At.X + FigureLayout.KeyLine, key.At.Y - 4),
                Words("figure-tick", key.At.X + FigureLayout.KeyWidth, key.At.Y, key.Key.Text),
            }));
        for (int i = 0; i < layout.Panels.Count; i++) root.Add(Panel(layout.Panels[i], $"{figure.Id}-area-{i}"));
        return root;
    }

    private static XElement Panel(PlacedPanel placed, string clip)
    {
        var (panel, area) = (placed.Panel, placed.Area);
        var group = new XElement(Svg + "g",
            new XElement(Svg + "clipPath", new XAttribute("id", clip), Rectangle(area)),
            Words("figure-panel-title", area.Left, area.Top - FigureLayout.PanelTitleAbove, panel.Title));
        foreach (double value in panel.GuideLines.Where(value => panel.Y.Place(value) is > 0 and < 1)) group.Add(Line("figure-guide", area.Left, placed.Place(new(0, value)).Y, area.Right, placed.Place(new(0, value)).Y));
        foreach (var tick in panel.X.Ticks)
        {
            double x = area.Left + panel.X.Place(tick.Value) * area.Width;
            group.Add(Line("figure-axis", x, area.Bottom, x, area.Bottom + 4), Words("figure-tick", x, area.Bottom + FigureLayout.TicksBelow, tick.Label, "middle"));
        }
        foreach (var tick in panel.Top?.Ticks ?? [])
        {
            double x = area.Left + panel.Top!.Place(tick.Value) * area.Width;
            group.Add(Line("figure-axis", x, area.Top, x, area.Top - 4), Words("figure-tick", x, area.Top - FigureLayout.TopTicksAbove, tick.Label, "middle"));
        }
        if (panel.Top is { } top) group.Add(Words("figure-tick", area.Left, area.Top - FigureLayout.TopTicksAbove, top.Title));
        foreach (var tick in panel.Y.Ticks)
        {
            double y = placed.Place(new(0, tick.Value)).Y;
            group.Add(Line("figure-axis", area.Left - 4, y, area.Left, y), Words("figure-tick", area.Left - FigureLayout.TicksLeft, y + 4, tick.Label, "end"));
        }
        group.Add(Words("figure-axis-title", area.Left + area.Width / 2, area.Bottom + FigureLayout.AxisTitleBelow, panel.X.Title, "middle"));
        var side = Words("figure-axis-title", 0, 0, panel.Y.Title, "middle");
        side.SetAttributeValue("transform", $"translate({Text(area.Left - FigureLayout.AxisTitleLeft)} {Text(area.Top + area.Height / 2)}) rotate(-90)");
        group.Add(side);

        var curves = new XElement(Svg + "g", new XAttribute("clip-path", $"url(#{clip})"));
        foreach (var curve in panel.Curves)
        {
            curves.Add(new XElement(Svg + "path", new XAttribute("class", $"figure-{Name(curve.Style)} figure-{curve.Colour.Name}"), new XAttribute("d", PathOf(placed, curve)), new XElement(Svg + "title", Clean(curve.Name))));
            if (curve.Style == LineStyle.Bold) curves.Add(placed.MarkedPoints(curve).Select(point => Mark(curve, placed.Place(point))));
        }
        var frame = Rectangle(area);
        frame.SetAttributeValue("class", "figure-frame");
        group.Add(curves, frame);
        foreach (var label in placed.Labels)
        {
            group.Add(Line($"figure-leader figure-{label.Curve.Colour.Name}", label.From.X, label.From.Y, label.At.X, label.At.Y), Mark(label.Curve, label.At),
                Words("figure-end", label.At.X + FigureLayout.MarkWidth, label.At.Y + 4, label.Curve.EndLabel!));
        }
        return group;
    }

    private static string PathOf(PlacedPanel placed, Curve curve)
    {
        var path = new StringBuilder();
        foreach (var piece in PlacedPanel.Pieces(curve))
        {
            // A single point has no length; a line to itself, with round ends, is a dot.
            string command = "M";
            foreach (var point in piece.Count == 1 ? [piece[0], piece[0]] : piece)
            {
                var (x, y) = placed.Place(point);
                path.Append(CultureInfo.InvariantCulture, $"{command}{Text(x)} {Text(y)}");
                command = "L";
            }
        }
        return path.ToString();
    }

    private static XElement Mark(Curve curve, Point at)
    {
        double r = FigureLayout.MarkRadius;
        string path = curve.Mark switch
        {
            MarkShape.Circle => $"M{Text(at.X - r)} {Text(at.Y)}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z",
            MarkShape.Square => $"M{Text(at.X - r)} {Text(at.Y - r)}h{2 * r}v{2 * r}h{-2 * r}z",
            MarkShape.Triangle => $"M{Text(at.X)} {Text(at.Y - 1.3 * r)}l{1.3 * r} {2.3 * r}h{-2.6 * r}z",
            MarkShape.Diamond => $"M{Text(at.X)} {Text(at.Y - 1.4 * r)}l{1.4 * r} {1.4 * r}l{-1.4 * r} {1.4 * r}l{-1.4 * r} {-1.4 * r}z",
            _ => $"M{Text(at.X - r)} {Text(at.Y - r)}l{2 * r} {2 * r}M{Text(at.X + r)} {Text(at.Y - r)}l{-2 * r} {2 * r}",
        };
        return new(Svg + "path", new XAttribute("class", $"figure-mark figure-{curve.Colour.Name}"), new XAttribute("d", path));
    }

    private static XElement Words(string style, double x, double y, string text, string anchor = "start") => new(Svg + "text",
        new XAttribute("class", style), new XAttribute("x", Text(x)), new XAttribute("y", Text(y)), anchor == "start" ? null : new XAttribute("text-anchor", anchor), Clean(text));

    private static XElement Line(string style, double x1, double y1, double x2, double y2) => new(Svg + "line",
        new XAttribute("class", style), new XAttribute("x1", Text(x1)), new XAttribute("y1", Text(y1)), new XAttribute("x2", Text(x2)), new XAttribute("y2", Text(y2)));

    private static XElement Rectangle(Box box) => new(Svg + "rect",
        new XAttribute("x", Text(box.Left)), new XAttribute("y", Text(box.Top)), new XAttribute("width", Text(box.Width)), new XAttribute("height", Text(box.Height)));

    private static string Name(LineStyle style) => style == LineStyle.Bold ? "bold" : "dashed";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Without the characters that XML cannot have; folders' names may have them.</summary>
    private static string Clean(string text) => string.Concat(text.Where(letter => XmlConvert.IsXmlChar(letter) || char.IsSurrogate(letter)));

    private static string MakeStyle()
    {
        var style = new StringBuilder();
        Variables(".figure", "#1f2328", "#59636e", "#a8b1bb", "#ffffff", colour => colour.Light);
        style.Append("@media (prefers-color-scheme:dark){");
        Variables(".figure", "#f0f6fc", "#9198a1", "#57606a", "#0d1117", colour => colour.Dark);
        style.Append('}');
        style.Append(CultureInfo.InvariantCulture, $".figure text{{font:{FigureLayout.TextSize}px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:var(--figure-text)}}");
        style.Append(CultureInfo.InvariantCulture, $".figure .figure-title{{font-size:{FigureLayout.TitleSize}px;font-weight:600}}.figure .figure-panel-title{{font-size:{FigureLayout.PanelTitleSize}px;font-weight:600}}");
        style.Append(".figure .figure-label{font-weight:600;fill:var(--figure-warning)}.figure .figure-tick,.figure .figure-axis-title{fill:var(--figure-muted)}");
        style.Append(".figure-background{fill:var(--figure-background)}.figure-frame{fill:none;stroke:var(--figure-muted)}.figure-axis{stroke:var(--figure-muted)}.figure-guide{stroke:var(--figure-grid);stroke-dasharray:2 3}");
        style.Append(".figure-bold{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.figure-dashed{fill:none;stroke-width:1.1;stroke-dasharray:4 3;stroke-linejoin:round}");
        style.Append(".figure-key{stroke:var(--figure-muted)}.figure-leader{stroke-width:1;stroke-dasharray:1 2}.figure-mark{stroke-width:1.4}");
        foreach (var colour in Palette.All)
            style.Append(CultureInfo.InvariantCulture, $".figure-{colour.Name}{{stroke:var(--figure-{colour.Name})}}.figure-mark.figure-{colour.Name}{{fill:var(--figure-{colour.Name})}}");
        return style.ToString();

        void Variables(string selector, string text, string muted, string grid, string background, Func<Colour, string> form)
        {
            style.Append(CultureInfo.InvariantCulture, $"{selector}{{--figure-text:{text};--figure-muted:{muted};--figure-grid:{grid};--figure-background:{background};--figure-warning:{(background == "#ffffff" ? "#b42318" : "#ff9b8a")};");
            foreach (var colour in Palette.All) style.Append(CultureInfo.InvariantCulture, $"--figure-{colour.Name}:{form(colour)};");
            style.Append('}');
        }
    }
}
