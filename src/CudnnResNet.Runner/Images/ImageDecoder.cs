using CudnnResNet.Model;
using SkiaSharp;

namespace CudnnResNet.Images;

/// <summary>How large an image may be.</summary>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Pixels">Width times height; <see cref="ImageMemory"/> has its own limit besides.</param>
internal sealed record ImageLimits(long Bytes, long Pixels);

/// <summary>Why an image is refused.</summary>
internal enum ImageFault
{
    /// <summary>It is no file, or cannot be read.</summary>
    Unreadable,

    /// <summary>It is beyond <see cref="ImageLimits"/>.</summary>
    TooLarge,

    /// <summary>It is neither PNG nor JPEG nor BMP.</summary>
    UnknownFormat,

    /// <summary>It is empty, cut off or damaged.</summary>
    Damaged,
}

/// <summary>An image is refused; the message says what is wrong and what is allowed.</summary>
internal sealed class ImageException(ImageFault fault, string message, Exception? inner = null) : EngineException(message, inner)
{
    /// <summary>Why.</summary>
    public ImageFault Fault { get; } = fault;
}

/// <summary>An image as a network takes it.</summary>
/// <param name="Width">Columns of the image as it is shown.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">(3, 32, 32) bytes, by <see cref="ImageResize.AverageToInput"/>.</param>
internal sealed record DecodedImage(int Width, int Height, byte[] Pixels);

/// <summary>
/// PNG, JPEG and BMP files to a network's 32x32 pixels. The decoders are Skia's, which browsers feed with strangers' files every day: here they
/// get three formats only, and nothing is decoded before the size that the file claims is known to be allowed, and the memory for it to be
/// in proportion to the file. A large JPEG is decoded at a half, a quarter or an eighth of its size, which is still far more than 32 pixels.
/// </summary>
/// <remarks>Colours are taken as they are stored, without colour profiles, as the images of CIFAR-10 were. Thread-safe.</remarks>
internal static class ImageDecoder
{
    /// <summary>What is allowed, for messages.</summary>
    public const string Formats = "PNG, JPEG and BMP images";

    private static readonly (string Name, byte[] Start)[] Signatures = [("PNG", [0x89, .. "PNG\r\n\u001a\n"u8]), ("JPEG", [0xFF, 0xD8, 0xFF]), ("BMP", [.. "BM"u8])];

    /// <summary>Decodes a file, turns it upright as its EXIF data say, and averages the square in its middle to 32x32 pixels.</summary>
    /// <exception cref="ImageException">It is not an image of these formats, too large, or damaged.</exception>
    public static DecodedImage Decode(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        CheckBytes(file.Length, limits);
        if (file.IsEmpty) throw new ImageException(ImageFault.Damaged, $"is empty; allowed are {Formats}");
        string format = FormatOf(file) ?? throw new ImageException(ImageFault.UnknownFormat, $"is not a PNG, JPEG or BMP image");

        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new ImageException(ImageFault.Damaged, $"is a {format} image whose beginning is damaged or cut off");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > limits.Pixels || Math.Max(width, height) > ImageResize.MaxSide)
            throw new ImageException(ImageFault.TooLarge, FormattableString.Invariant($"is of {width}x{height} pixels; allowed are {limits.Pixels:N0}, and {ImageResize.MaxSide:N0} each way"));

        var size = SizeToDecode(file, format, codec);
        var result = codec.GetPixels(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul), out byte[] rgba);
        if (result != SKCodecResult.Success)
            throw new ImageException(ImageFault.Damaged, $"is a {format} image that is {(result == SKCodecResult.IncompleteInput ? "cut off" : $"damaged ({result})")}");

        var orientation = (ExifOrientation)codec.EncodedOrigin;
        var pixels = new byte[ImageResize.ResultBytes];
        ImageResize.AverageToInput(rgba, size.Width, size.Height, pixels, orientation);
        return orientation >= ExifOrientation.LeftTop ? new(height, width, pixels) : new(width, height, pixels);
    }

    /// <summary>Refuses a file by its length alone.</summary>
    /// <exception cref="ImageException">It is too large.</exception>
    public static void CheckBytes(long bytes, ImageLimits limits)
    {
        if (bytes > limits.Bytes) throw new ImageException(ImageFault.TooLarge, FormattableString.Invariant($"is of {bytes:N0} bytes; allowed are {limits.Bytes:N0}"));
    }

    /// <summary>The largest size at which decoding takes no more memory than is allowed; only JPEG files have others than their own.</summary>
    private static SKSizeI SizeToDecode(ReadOnlySpan<byte> file, string format, SKCodec codec)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        long allowed = ImageMemory.Allowed(file.Length), least = long.MaxValue;
        foreach (float scale in (float[])[1, 0.5f, 0.25f, 0.125f])
        {
            var size = scale == 1 ? new SKSizeI(width, height) : codec.GetScaledDimensions(scale);
            long needed = ImageMemory.Of(file, format, (long)width * height, (long)size.Width * size.Height);
            if (needed <= allowed) return size;
            least = Math.Min(least, needed);
        }
        throw new ImageException(ImageFault.TooLarge, FormattableString.Invariant($"is of {width}x{height} pixels in {file.Length:N0} bytes: to decode it takes {least:N0} bytes of memory; allowed are {allowed:N0} for a file of that length"));
    }

    private static string? FormatOf(ReadOnlySpan<byte> file)
    {
        foreach (var (name, start) in Signatures)
        {
            if (file.StartsWith(start)) return name;
        }
        return null;
    }
}
