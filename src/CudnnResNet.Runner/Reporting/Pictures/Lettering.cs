using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The font of the pictures' text.</summary>
internal static class Lettering
{
    private static readonly SKTypeface Typeface = SKTypeface.Default;

    /// <summary>The font in a size in pixels.</summary>
    public static SKFont Font(float size) => new(Typeface, size) { Edging = SKFontEdging.Antialias };
}
