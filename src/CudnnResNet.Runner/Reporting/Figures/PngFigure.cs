using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>Draws figures as PNG, by ScottPlot, on white.</summary>
internal static class PngFigure
{
    /// <summary>Pixels of the picture for one of the layout, for screens and print that have many.</summary>
    public const int Scale = 2;

    private static readonly Color Ink = new("#1f2328"), Muted = new("#59636e"), Guide = new("#d1d9e0"), Warning = new("#b42318");

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(Figure figure)
    {
        _ = CarriedFont.Typeface;
        var layout = FigureLayout.Create(figure);
        using var surface = SKSurface.Create(new SKImageInfo((int)Math.Ceiling(layout.Width * Scale), (int)Math.Ceiling(layout.Height * Scale)));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        canvas.Scale(Scale);
        foreach (var panel in layout.Panels) Draw(canvas, panel);
        Words(canvas, figure.Title, FigureLayout.RightOfEdge, FigureLayout.TitleBaseline, FigureLayout.TitleSize, Ink);
        for (int i = 0; i < layout.LabelLines.Count; i++)
            Words(canvas, layout.LabelLines[i], FigureLayout.RightOfEdge, FigureLayout.TitleBaseline + (i + 1) * FigureLayout.LabelLineHeight + 3, FigureLayout.TextSize, Warning);
        using var picture = surface.Snapshot();
        using var data = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static void Draw(SKCanvas canvas, PlacedPanel placed)
    {
        var (panel, area) = (placed.Panel, placed.Area);
        var plot = new Plot();
        plot.HideGrid();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        foreach (double value in panel.GuideLines) plot.Add.HorizontalLine(value, width: 1, color: Guide, pattern: LinePattern.Dotted);
        foreach (var curve in panel.Curves) Add(plot, placed, curve);
        plot.Axes.SetLimits(panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max);
        plot.Axes.SetLimitsX(panel.X.Min, panel.X.Max, plot.Axes.Top);
        SetUp(plot.Axes.Bottom, panel.X);
        SetUp(plot.Axes.Left, panel.Y);
        SetUp(plot.Axes.Top, panel.Top is { } top ? top with { Title = "" } : new("", 0, 1, []));
        SetUp(plot.Axes.Right, new("", 0, 1, []));

        // The axes' texts lie in the padding; the panel's rectangle is as much larger than its area.
        const float padding = 48;
        plot.Layout.Fixed(new PixelPadding(padding));
        plot.Render(canvas, new PixelRect((float)area.Left - padding, (float)area.Right + padding, (float)area.Bottom + padding, (float)area.Top - padding));

        Words(canvas, panel.Title, area.Left, area.Top - FigureLayout.PanelTitleAbove, FigureLayout.PanelTitleSize, Ink);
        if (panel.Top is { } epochs) Words(canvas, epochs.Title, area.Left, area.Top - FigureLayout.TopTicksAbove, FigureLayout.TextSize, Muted);
        Keys(canvas, panel, area);
        foreach (var label in placed.Labels) EndLabel(canvas, label);
    }

    private static void Add(Plot plot, PlacedPanel placed, Curve curve)
    {
        var colour = new Color(curve.Colour.Light);
        foreach (var piece in PlacedPanel.Pieces(curve))
        {
            var line = plot.Add.ScatterLine(piece.Select(point => point.X).ToArray(), piece.Select(point => point.Y).ToArray(), colour);
            (line.LineWidth, line.LinePattern) = curve.Style == LineStyle.Bold ? (2, LinePattern.Solid) : (1.1f, LinePattern.Dashed);
            if (piece.Count == 1) line.MarkerSize = 3;
        }
        if (curve.Style != LineStyle.Bold) return;
        foreach (var point in placed.MarkedPoints(curve))
            plot.Add.Marker(point.X, point.Y, Shape(curve.Colour.Mark), size: (float)FigureLayout.MarkRadius * 2.4f, color: colour);
    }

    private static void SetUp(IAxis axis, Axis described)
    {
        axis.TickGenerator = new NumericManual([.. described.Ticks.Select(tick => tick.Value)], [.. described.Ticks.Select(tick => tick.Label)]);
        axis.Label.Text = described.Title;
        axis.FrameLineStyle.Color = axis.MajorTickStyle.Color = axis.TickLabelStyle.ForeColor = axis.Label.ForeColor = Muted;
        axis.TickLabelStyle.FontName = axis.Label.FontName = CarriedFont.Name;
        axis.TickLabelStyle.FontSize = axis.Label.FontSize = (float)FigureLayout.TextSize;
        axis.Label.Bold = false;
    }

    /// <summary>What the line styles mean, in one row that ends at the area's right edge.</summary>
    private static void Keys(SKCanvas canvas, Panel panel, Box area)
    {
        double right = area.Right, y = area.Top - FigureLayout.PanelTitleAbove;
        using var paint = Stroke(Muted, 1);
        foreach (var key in panel.Keys)
        {
            right -= Words(canvas, key.Text, right, y, FigureLayout.TextSize, Muted, toTheLeft: true) + 4;
            paint.StrokeWidth = key.Style == LineStyle.Bold ? 2 : 1.1f;
            using var dashes = key.Style == LineStyle.Bold ? null : SKPathEffect.CreateDash([4, 3], 0);
            paint.PathEffect = dashes;
            canvas.DrawLine((float)right - 24, (float)y - 4, (float)right, (float)y - 4, paint);
            right -= 36;
        }
    }

    private static void EndLabel(SKCanvas canvas, PlacedLabel label)
    {
        var colour = new Color(label.Curve.Colour.Light);
        using var leader = Stroke(colour, 0.8f);
        canvas.DrawLine((float)label.From.X, (float)label.From.Y, (float)label.At.X, (float)label.At.Y, leader);
        using var paint = Paint.NewDisposablePaint();
        Drawing.DrawMarker(canvas, paint, new Pixel(label.At.X, label.At.Y), new MarkerStyle(Shape(label.Curve.Colour.Mark), (float)FigureLayout.MarkRadius * 2.4f, colour) { LineColor = colour, LineWidth = 1.4f });
        Words(canvas, label.Curve.EndLabel!, label.At.X + FigureLayout.MarkWidth, label.At.Y + 4, FigureLayout.TextSize, Ink);
    }

    /// <summary>Writes a text on its baseline.</summary>
    /// <returns>Its width.</returns>
    private static double Words(SKCanvas canvas, string text, double x, double baseline, double size, Color colour, bool toTheLeft = false)
    {
        using var font = new SKFont(CarriedFont.Typeface, (float)size) { Subpixel = true, Edging = SKFontEdging.Antialias };
        using var paint = new SKPaint { Color = colour.ToSKColor(), IsAntialias = true };
        canvas.DrawText(text, (float)x, (float)baseline, toTheLeft ? SKTextAlign.Right : SKTextAlign.Left, font, paint);
        return font.MeasureText(text);
    }

    private static SKPaint Stroke(Color colour, float width) => new() { Color = colour.ToSKColor(), StrokeWidth = width, IsStroke = true, IsAntialias = true };

    private static MarkerShape Shape(MarkShape mark) => mark switch
    {
        MarkShape.Circle => MarkerShape.FilledCircle,
        MarkShape.Square => MarkerShape.FilledSquare,
        MarkShape.Triangle => MarkerShape.FilledTriangleUp,
        MarkShape.Diamond => MarkerShape.FilledDiamond,
        _ => MarkerShape.Eks,
    };
}
