using System.Buffers.Binary;
using CudnnResNet.Images;
using CudnnResNet.Model;
using SkiaSharp;

namespace CudnnResNet.Runner.Tests;

/// <summary>Image files of every kind that is allowed, and what is refused.</summary>
[TestClass]
public sealed class ImageDecoderTests
{
    private const int Side = 32, Plane = Side * Side;
    private static readonly ImageLimits Limits = new(Bytes: 1 << 20, Pixels: 1_000_000);

    [TestMethod]
    public void A_PNG_of_32x32_pixels_is_what_it_holds()
    {
        byte[] pixels = Noise(1);
        var image = ImageDecoder.Decode(TestImages.Png(pixels), Limits);
        Assert.AreEqual((Side, Side), (image.Width, image.Height));
        CollectionAssert.AreEqual(pixels, image.Pixels);
    }

    [TestMethod]
    public void So_is_a_BMP()
    {
        byte[] pixels = Noise(2);
        CollectionAssert.AreEqual(pixels, ImageDecoder.Decode(TestImages.Bmp(pixels), Limits).Pixels);
    }

    [TestMethod]
    public void Grey_has_three_equal_channels()
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque);
        for (int i = 0; i < Plane; i++) bitmap.SetPixel(i % Side, i / Side, new SKColor((byte)(i % 251), (byte)(i % 251), (byte)(i % 251)));
        byte[] result = ImageDecoder.Decode(TestImages.Encoded(bitmap, SKEncodedImageFormat.Png), Limits).Pixels;
        for (int i = 0; i < result.Length; i++) Assert.AreEqual(i % Plane % 251, result[i]);
    }

    [TestMethod]
    public void Transparency_lies_over_white()
    {
        using var bitmap = new SKBitmap(64, 64, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        bitmap.Erase(new SKColor(100, 0, 255, 128));
        byte[] result = ImageDecoder.Decode(TestImages.Encoded(bitmap, SKEncodedImageFormat.Png), Limits).Pixels;
        CollectionAssert.AreEqual(new byte[] { 177, 127, 255 }, new[] { result[0], result[Plane], result[2 * Plane] });
    }

    [TestMethod]
    [DataRow(1, 96, 64, "red|red|blue|blue")]
    [DataRow(2, 96, 64, "blue|blue|red|red")]
    [DataRow(6, 64, 96, "red|blue|red|blue")] // turned clockwise: left becomes top
    [DataRow(8, 64, 96, "blue|red|blue|red")]
    public void A_JPEG_is_turned_as_its_EXIF_data_say(int orientation, int width, int height, string corners)
    {
        byte[] file = TestImages.WithOrientation(TestImages.RedAndBlue(96, 64), orientation);
        var image = ImageDecoder.Decode(file, Limits);
        Assert.AreEqual((width, height), (image.Width, image.Height));
        string[] expected = corners.Split('|'); // top left, bottom left, top right, bottom right
        int[] places = [0, (Side - 1) * Side, Side - 1, Plane - 1];
        for (int i = 0; i < 4; i++)
        {
            int red = image.Pixels[places[i]], blue = image.Pixels[2 * Plane + places[i]];
            Assert.AreEqual(expected[i], red > 230 && blue < 25 ? "red" : red < 25 && blue > 230 ? "blue" : $"{red}, {blue}");
        }
    }

    [TestMethod]
    public void Other_formats_are_refused_even_where_the_library_knows_them()
    {
        using var bitmap = new SKBitmap(8, 8);
        Refused(TestImages.Encoded(bitmap, SKEncodedImageFormat.Webp), ImageFault.UnknownFormat, "not a PNG, JPEG or BMP image");
        Refused("GIF89a"u8.ToArray(), ImageFault.UnknownFormat, "not a PNG, JPEG or BMP image");
        Refused("once upon a time"u8.ToArray(), ImageFault.UnknownFormat, "not a PNG, JPEG or BMP image");
        Refused([], ImageFault.Damaged, "empty");
    }

    [TestMethod]
    public void Sizes_beyond_the_limits_are_refused_before_anything_is_decoded()
    {
        Refused(new byte[(1 << 20) + 1], ImageFault.TooLarge, "1,048,577 bytes; allowed are 1,048,576");
        // The headers claim far more than the files hold: to decode would take gigabytes.
        byte[] bmp = TestImages.Bmp(Noise(3)), jpeg = TestImages.RedAndBlue(96, 64);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 30_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 30_000);
        Refused(bmp, ImageFault.TooLarge, "30000x30000 pixels; allowed are 1,000,000");
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 65_500);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 65_500);
        Refused(jpeg, ImageFault.TooLarge, "65500x65500 pixels");
        using var wide = new SKBitmap(66_000, 1);
        Refused(TestImages.Encoded(wide, SKEncodedImageFormat.Png), ImageFault.TooLarge, "66000x1 pixels; allowed are 1,000,000, and 65,535 each way");
    }

    [TestMethod]
    [DataRow("png")]
    [DataRow("jpeg")]
    [DataRow("bmp")]
    public void A_file_that_is_cut_off_is_refused(string format)
    {
        byte[] file = File(format);
        // The last 20 bytes of a PNG are checksums and the end mark: without them all pixels are there.
        int whole = format == "png" ? file.Length - 20 : file.Length;
        for (int length = 12; length < whole; length += 5)
        {
            var refused = Assert.ThrowsExactly<ImageException>(() => ImageDecoder.Decode(file.AsSpan(0, length), Limits), $"{length} of {file.Length} bytes");
            Assert.AreEqual(ImageFault.Damaged, refused.Fault);
        }
        Assert.IsNotNull(ImageDecoder.Decode(file, Limits));
    }

    [TestMethod]
    [DataRow("png")]
    [DataRow("jpeg")]
    [DataRow("bmp")]
    public void A_damaged_file_is_refused_or_decoded_and_nothing_else_happens(string format)
    {
        byte[] file = File(format);
        var random = new Random(4);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = [.. file];
            for (int k = 0; k < 3; k++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                ImageDecoder.Decode(damaged, Limits);
            }
            catch (ImageException)
            {
                refused++;
            }
        }
        if (format == "png") Assert.IsGreaterThan(400, refused, "a PNG's checksums find nearly everything");
    }

    private static void Refused(byte[] file, ImageFault fault, string text)
    {
        var refused = Assert.ThrowsExactly<ImageException>(() => ImageDecoder.Decode(file, Limits));
        Assert.AreEqual(fault, refused.Fault, refused.Message);
        Assert.Contains(text, refused.Message);
    }

    private static byte[] File(string format) => format switch
    {
        "png" => TestImages.Png(Noise(5)),
        "jpeg" => TestImages.RedAndBlue(96, 64),
        _ => TestImages.Bmp(Noise(5)),
    };

    private static byte[] Noise(int seed)
    {
        var pixels = new byte[ImageResize.ResultBytes];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
