using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>Draws figures as PNG, by ScottPlot, on white.</summary>
internal static class PngFigure
{
    /// <summary>Pixels of the picture for one of the layout, for screens and print that have many.</summary>
    public const int Scale = 2;

    private const float BoldWidth = 2, DashedWidth = 1.1f;

    private static readonly LinePattern Dashes = new([4, 3], 0, "short dashes"), Dots = new([1, 2], 0, "dots");

    private static readonly Color Ink = new("#1f2328"), Muted = new("#59636e"), Guide = new("#a8b1bb"), Warning = new("#b42318");

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
        Words(canvas, figure.Title, FigureLayout.Edge, FigureLayout.TitleBaseline, FigureLayout.TitleSize, Ink);
        for (int i = 0; i < layout.LabelLines.Count; i++)
            Words(canvas, layout.LabelLines[i], FigureLayout.Edge, FigureLayout.TitleBaseline + (i + 1) * FigureLayout.LabelLineHeight + 3, FigureLayout.TextSize, Warning);
        foreach (var (key, at) in layout.Keys) Key(canvas, key, at);
        using var picture = surface.Snapshot();
        using var data = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static void Draw(SKCanvas canvas, PlacedPanel placed)
    {
        var (panel, area) = (placed.Panel, placed.Area);
        var plot = new Plot();
        plot.HideGrid();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        foreach (double value in panel.GuideLines) plot.Add.HorizontalLine(value, width: 1, color: Guide, pattern: Dots);
        foreach (var curve in panel.Curves) Add(plot, placed, curve);
        plot.Axes.SetLimits(panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max);
        plot.Axes.SetLimitsX(panel.X.Min, panel.X.Max, plot.Axes.Top);
        SetUp(plot.Axes.Bottom, panel.X);
        SetUp(plot.Axes.Left, panel.Y);
        SetUp(plot.Axes.Top, panel.Top);
        SetUp(plot.Axes.Right, null);

        // The ticks' labels lie in the padding; the plot's rectangle is as much larger than its area.
        const float padding = 46;
        plot.Layout.Fixed(new PixelPadding(padding));
        plot.Render(canvas, new PixelRect((float)area.Left - padding, (float)area.Right + padding, (float)area.Bottom + padding, (float)area.Top - padding));

        Words(canvas, panel.Title, area.Left, area.Top - FigureLayout.PanelTitleAbove, FigureLayout.PanelTitleSize, Ink);
        Words(canvas, panel.X.Title, area.Left + area.Width / 2, area.Bottom + FigureLayout.AxisTitleBelow, FigureLayout.TextSize, Muted, SKTextAlign.Center);
        canvas.Save();
        canvas.Translate((float)(area.Left - FigureLayout.AxisTitleLeft), (float)(area.Top + area.Height / 2));
        canvas.RotateDegrees(-90);
        Words(canvas, panel.Y.Title, 0, 0, FigureLayout.TextSize, Muted, SKTextAlign.Center);
        canvas.Restore();
        if (panel.Top is { } epochs) Words(canvas, epochs.Title, area.Left, area.Top - FigureLayout.TopTicksAbove, FigureLayout.TextSize, Muted);
        foreach (var label in placed.Labels) EndLabel(canvas, label);
    }

    private static void Add(Plot plot, PlacedPanel placed, Curve curve)
    {
        var colour = new Color(curve.Colour.Light);
        foreach (var piece in PlacedPanel.Pieces(curve))
        {
            var line = plot.Add.ScatterLine(piece.Select(point => point.X).ToArray(), piece.Select(point => point.Y).ToArray(), colour);
            (line.LineWidth, line.LinePattern) = curve.Style == LineStyle.Bold ? (BoldWidth, LinePattern.Solid) : (DashedWidth, Dashes);
            if (piece.Count == 1) line.MarkerSize = 3;
        }
        if (curve.Style != LineStyle.Bold) return;
        foreach (var point in placed.MarkedPoints(curve))
            plot.Add.Marker(point.X, point.Y, Shape(curve.Mark), size: (float)FigureLayout.MarkRadius * 2.4f, color: colour);
    }

    private static void SetUp(IAxis axis, Axis? described)
    {
        var ticks = described?.Ticks ?? [];
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.Value)], [.. ticks.Select(tick => tick.Label)]);
        axis.FrameLineStyle.Color = axis.MajorTickStyle.Color = axis.TickLabelStyle.ForeColor = Muted;
        axis.TickLabelStyle.FontName = CarriedFont.Name;
        axis.TickLabelStyle.FontSize = (float)FigureLayout.TextSize;
    }

    private static void Key(SKCanvas canvas, LineKey key, Point at)
    {
        using var paint = Stroke(Muted, key.Style == LineStyle.Bold ? BoldWidth : DashedWidth);
        using var dashes = key.Style == LineStyle.Bold ? null : Dashes.GetPathEffect();
        paint.PathEffect = dashes;
        canvas.DrawLine((float)at.X, (float)at.Y - 4, (float)(at.X + FigureLayout.KeyLine), (float)at.Y - 4, paint);
        Words(canvas, key.Text, at.X + FigureLayout.KeyWidth, at.Y, FigureLayout.TextSize, Muted);
    }

    private static void EndLabel(SKCanvas canvas, PlacedLabel label)
    {
        var colour = new Color(label.Curve.Colour.Light);
        using var leader = Stroke(colour, 1);
        using var dots = Dots.GetPathEffect();
        leader.PathEffect = dots;
        canvas.DrawLine((float)label.From.X, (float)label.From.Y, (float)label.At.X, (float)label.At.Y, leader);
        using var paint = Paint.NewDisposablePaint();
        Drawing.DrawMarker(canvas, paint, new Pixel(label.At.X, label.At.Y), new MarkerStyle(Shape(label.Curve.Mark), (float)FigureLayout.MarkRadius * 2.4f, colour) { LineColor = colour, LineWidth = 1.4f });
        Words(canvas, label.Curve.EndLabel!, label.At.X + FigureLayout.MarkWidth, label.At.Y + 4, FigureLayout.TextSize, Ink);
    }

    private static void Words(SKCanvas canvas, string text, double x, double baseline, double size, Color colour, SKTextAlign align = SKTextAlign.Left)
    {
        using var font = new SKFont(CarriedFont.Typeface, (float)size) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None, Edging = SKFontEdging.Antialias };
        using var paint = new SKPaint { Color = colour.ToSKColor(), IsAntialias = true };
        canvas.DrawText(text, (float)x, (float)baseline, align, font, paint);
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
