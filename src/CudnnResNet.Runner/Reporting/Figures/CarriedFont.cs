using ScottPlot;
using SkiaSharp;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>
/// The font of pictures, carried by the program: Roboto's Latin letters (Apache License 2.0, see <c>Reporting/Fonts</c>). Skia finds no font
/// on a machine that has none and then leaves out all text without an error; besides, pictures are the same on every machine.
/// </summary>
internal sealed class CarriedFont : IFontResolver
{
    /// <summary>The name to ask for.</summary>
    public const string Name = "Roboto (carried)";

    private static readonly Lazy<SKTypeface> Face = new(Load);

    private CarriedFont()
    {
    }

    static CarriedFont() => Fonts.FontResolvers.Insert(0, new CarriedFont());

    /// <summary>The font itself; asking for it is also what makes ScottPlot know its name.</summary>
    public static SKTypeface Typeface => Face.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == Name ? Face.Value : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Face.Value : null;

    private static SKTypeface Load()
    {
        using var stream = typeof(CarriedFont).Assembly.GetManifestResourceStream("Roboto-Regular-Latin.ttf")!;
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException("the carried font cannot be read");
    }
}
