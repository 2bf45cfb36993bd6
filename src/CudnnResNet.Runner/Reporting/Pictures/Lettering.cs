using CudnnResNet.Runner.Reporting.Figures;
using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The font of the pictures' text.</summary>
internal static class Lettering
{
    /// <summary>The font in a size in pixels.</summary>
    public static SKFont Font(float size) => new(CarriedFont.Typeface, size) { Subpixel = true, Edging = SKFontEdging.Antialias };
}
