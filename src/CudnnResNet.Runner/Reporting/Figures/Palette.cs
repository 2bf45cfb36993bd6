namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>A colour with a form for light and one for dark backgrounds, and the shape that goes with it first.</summary>
/// <param name="Name">Of the CSS variable <c>--figure-NAME</c>.</param>
/// <param name="Light">For a white background, <c>#rrggbb</c>.</param>
/// <param name="Dark">For a black one.</param>
/// <param name="Mark">Of the first curve with this colour; others take the shapes after it.</param>
internal sealed record Colour(string Name, string Light, string Dark, MarkShape Mark);

/// <summary>The colours of depths: yellow, cyan, green, red and black as in figure 6 of He et al. 2015, so dark or so light that they can be read.</summary>
internal static class Palette
{
    private static readonly Colour[] Others =
    [
        new("other-1", "#7c3aed", "#a78bfa", MarkShape.Square),
        new("other-2", "#c2410c", "#fb923c", MarkShape.Triangle),
        new("other-3", "#be185d", "#f472b6", MarkShape.Diamond),
    ];

    private static readonly Dictionary<int, Colour> Depths = new()
    {
        [20] = new("depth-20", "#a67c00", "#facc15", MarkShape.Circle),
        [32] = new("depth-32", "#0284a8", "#22d3ee", MarkShape.Square),
        [44] = new("depth-44", "#15803d", "#4ade80", MarkShape.Triangle),
        [56] = new("depth-56", "#dc2626", "#f87171", MarkShape.Diamond),
        [110] = new("depth-110", "#1f2937", "#e5e7eb", MarkShape.Cross),
    };

    /// <summary>Every colour that a figure may use.</summary>
    public static IEnumerable<Colour> All => [.. Depths.Values, .. Others];

    /// <summary>The shape of the n-th curve of a colour, from 0; they begin again after the last one.</summary>
    public static MarkShape MarkOf(Colour colour, int n) => (MarkShape)(((int)colour.Mark + n) % Enum.GetValues<MarkShape>().Length);

    /// <summary>The colour of a depth; those that the paper does not draw share three.</summary>
    public static Colour Of(int depth) => Depths.TryGetValue(depth, out var colour) ? colour : Others[depth / 6 % Others.Length];
}
