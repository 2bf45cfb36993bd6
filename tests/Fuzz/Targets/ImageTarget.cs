using System.Buffers.Binary;
using CudnnResNet.Images;
using CudnnResNet.Model;
using SkiaSharp;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// An image file as <c>predict</c> and the web sample decode it. Skia's decoders are native code without instrumentation: coverage guides the
/// fuzzer through our part only, and what happens in theirs is seen where it kills the process.
/// </summary>
/// <param name="format">png, jpeg or bmp.</param>
internal sealed class ImageTarget(string format) : Target
{
    private const int Side = 8, ChunkFrame = 12, FirstChunk = 8;

    /// <summary>A limit as the program's and the sample's, but smaller: 4 MB for a file that only claims to be large.</summary>
    private static readonly ImageLimits Limits = new(Bytes: 1 << 20, Pixels: 1_000_000);

    public override string Name => format;

    public override string Reads => $"images ({format.ToUpperInvariant()})";

    public override IReadOnlyList<string> Sources => ["Images/ImageDecoder.cs", "ImageResize.cs"];

    public override IReadOnlyList<string> NotReading => [];

    public override int MaxLength => 1 << 12;

    public override IReadOnlyList<string> Words => format == "png" ? ["IHDR", "IDAT", "IEND", "PLTE", "tRNS", "gAMA", "iCCP", "cHRM", "eXIf", "acTL", "fcTL", "fdAT"] : format == "jpeg" ? ["Exif\0\0", "MM\0*", "II*\0", "JFIF\0", "ICC_PROFILE\0"] : ["BM"];

    public override IReadOnlyList<byte[]> BinaryWords => format switch
    {
        "jpeg" => [.. Enumerable.Range(0xC0, 0x40).Select(marker => new byte[] { 0xFF, (byte)marker })],
        "bmp" => [[40, 0, 0, 0], [12, 0, 0, 0], [108, 0, 0, 0], [124, 0, 0, 0], [1, 0, 4, 0], [1, 0, 8, 0], [1, 0, 16, 0], [1, 0, 32, 0], [2, 0, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0x80]],
        _ => [[8, 3, 0, 0, 0], [16, 6, 0, 0, 1], [1, 0, 0, 0, 0], [0x78, 0x9C], [0x78, 1]],
    };

    public override IEnumerable<byte[]> Seeds()
    {
        var pixels = new byte[3 * 32 * 32];
        new Random(1).NextBytes(pixels);
        using var grey = new SKBitmap(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque);
        using var colour = new SKBitmap(Side, 2 * Side, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        grey.Erase(SKColors.Gray);
        colour.Erase(new SKColor(100, 0, 255, 128));
        return format switch
        {
            "png" => [TestImages.Png(pixels), TestImages.Encoded(grey, SKEncodedImageFormat.Png), TestImages.Encoded(colour, SKEncodedImageFormat.Png)],
            "jpeg" => [TestImages.RedAndBlue(Side, Side), TestImages.Encoded(grey, SKEncodedImageFormat.Jpeg), .. Enumerable.Range(1, 8).Select(turn => TestImages.WithOrientation(TestImages.RedAndBlue(Side, 2 * Side), turn))],
            _ => [TestImages.Bmp(pixels)],
        };
    }

    public override byte[] ToFile(byte[] input) => format == "png" ? WithChecksums(input) : input;

    public override void Read(byte[] file)
    {
        var image = ImageDecoder.Decode(file, Limits);
        if (image.Pixels.Length != ImageResize.ResultBytes || image.Width < 1 || image.Height < 1) throw new InvalidOperationException($"{image.Width}x{image.Height} with {image.Pixels.Length} bytes");
    }

    /// <summary>Puts the CRC-32 of each PNG chunk right.</summary>
    private static byte[] WithChecksums(byte[] input)
    {
        byte[] file = input.ToArray();
        for (long at = FirstChunk; at + ChunkFrame <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (at + ChunkFrame + length > file.Length) break;
            // The type and the data, not the length.
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)(at + 8 + length)), Crc32.Of(file.AsSpan((int)at + 4, 4 + (int)length)));
            at += ChunkFrame + length;
        }
        return file;
    }
}
