using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>PNG files, which keep every pixel.</summary>
internal static class Png
{
    /// <summary>Encodes an image.</summary>
    public static byte[] Encode(SKImage image)
    {
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    /// <summary>Draws on white and encodes.</summary>
    public static byte[] Draw(int width, int height, Action<SKCanvas> draw)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        return Encode(image);
    }

    /// <summary>The address under which a page holds a PNG itself.</summary>
    public static string DataUri(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
