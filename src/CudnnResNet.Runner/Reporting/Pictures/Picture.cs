using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A small picture of whole pixels, to be shown enlarged and not smoothed.</summary>
internal sealed class Picture
{
    private const int Side = 32, FilterSide = 3;

    private readonly byte[] rgba; // (H, W, 4), opaque

    private Picture(int width, int height, Func<int, int, (byte R, byte G, byte B)> pixel)
    {
        (Width, Height, rgba) = (width, height, new byte[width * height * 4]);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = (y * width + x) * 4;
                (rgba[at], rgba[at + 1], rgba[at + 2]) = pixel(y, x);
                rgba[at + 3] = byte.MaxValue;
            }
        }
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>An image of a data set.</summary>
    /// <param name="pixels">(3, 32, 32) bytes.</param>
    public static Picture OfImage(ReadOnlyMemory<byte> pixels) =>
        new(Side, Side, (y, x) => (pixels.Span[y * Side + x], pixels.Span[(Side + y) * Side + x], pixels.Span[(2 * Side + y) * Side + x]));

    /// <summary>A filter over the three colours: grey is 0, and its own largest weight, up or down, reaches full colour.</summary>
    /// <param name="weights">(3, 3, 3): channel, row, column.</param>
    public static Picture OfFilter(IReadOnlyList<float> weights)
    {
        float largest = weights.Max(Math.Abs);
        return new(FilterSide, FilterSide, (y, x) => (Shade(0, y, x), Shade(1, y, x), Shade(2, y, x)));

        byte Shade(int channel, int y, int x) =>
            (byte)Math.Round(127.5 * (1 + (largest > 0 ? weights[(channel * FilterSide + y) * FilterSide + x] / largest : 0)));
    }

    /// <summary>Draws it into a rectangle, every pixel as a block of one colour.</summary>
    public void DrawTo(SKCanvas canvas, SKRect place)
    {
        using var image = ToImage();
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    /// <summary>As a PNG file of its own size.</summary>
    public byte[] ToPng()
    {
        using var image = ToImage();
        return Png.Encode(image);
    }

    private SKImage ToImage() => SKImage.FromPixelCopy(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
}
