namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>A picture of curves, described once and drawn by <see cref="SvgFigure"/> and <see cref="PngFigure"/>.</summary>
/// <param name="Id">A name for files and for the ids inside of a page: <c>figure6</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Description">What is to be seen, for people who cannot see it.</param>
/// <param name="Labels">What must not be overlooked: synthetic data, an emulator, another recipe. Drawn under the title.</param>
/// <param name="Keys">What the line styles mean.</param>
/// <param name="Panels">Side by side, from the left.</param>
internal sealed record Figure(string Id, string Title, string Description, IReadOnlyList<string> Labels, IReadOnlyList<LineKey> Keys, IReadOnlyList<Panel> Panels);

/// <summary>One coordinate system and what is drawn into it.</summary>
/// <param name="Title">One line.</param>
/// <param name="X">Below.</param>
/// <param name="Top">The same range with other ticks, above; null for none.</param>
/// <param name="Y">At the left.</param>
/// <param name="Curves">Later ones lie over earlier ones.</param>
/// <param name="GuideLines">Values of y with a horizontal line.</param>
internal sealed record Panel(string Title, Axis X, Axis? Top, Axis Y, IReadOnlyList<Curve> Curves, IReadOnlyList<double> GuideLines);

/// <summary>An axis.</summary>
/// <param name="Title">With the unit.</param>
/// <param name="Min">The value at its start.</param>
/// <param name="Max">The value at its end.</param>
/// <param name="Ticks">Where it is marked.</param>
internal sealed record Axis(string Title, double Min, double Max, IReadOnlyList<Tick> Ticks)
{
    /// <summary>A value as a fraction of the axis: 0 at its start, 1 at its end.</summary>
    public double Place(double value) => (value - Min) / (Max - Min);
}

/// <summary>A mark of an axis.</summary>
internal readonly record struct Tick(double Value, string Label);

/// <summary>How a curve is drawn.</summary>
internal enum LineStyle
{
    /// <summary>The figure's main curves.</summary>
    Bold,

    /// <summary>Beside them, thin: training, where testing is bold.</summary>
    Dashed,
}

/// <summary>The shape by which a curve is known without its colour.</summary>
internal enum MarkShape
{
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

/// <summary>What a line style stands for.</summary>
internal sealed record LineKey(LineStyle Style, string Text);

/// <summary>One curve.</summary>
/// <param name="Name">What it shows, in full.</param>
/// <param name="Colour">From <see cref="Palette"/>.</param>
/// <param name="Mark">Drawn along a bold curve and beside its label, so that it is known without its colour.</param>
/// <param name="Style">Bold or dashed.</param>
/// <param name="Points">By ascending x; what lies outside of the axes is cut off.</param>
/// <param name="EndLabel">What is written at its end, or null.</param>
internal sealed record Curve(string Name, Colour Colour, MarkShape Mark, LineStyle Style, IReadOnlyList<Point> Points, string? EndLabel);

/// <summary>A point in the units of the axes.</summary>
internal readonly record struct Point(double X, double Y);
