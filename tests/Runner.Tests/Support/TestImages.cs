using System.Buffers.Binary;
using SkiaSharp;

namespace CudnnResNet.Tests;

/// <summary>Image files for tests, made here.</summary>
internal static class TestImages
{
    private const int Side = 32, Plane = Side * Side;

    /// <summary>A PNG of (3, 32, 32) bytes.</summary>
    public static byte[] Png(ReadOnlySpan<byte> pixels)
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int i = 0; i < Plane; i++) bitmap.SetPixel(i % Side, i / Side, new SKColor(pixels[i], pixels[Plane + i], pixels[2 * Plane + i]));
        return Encoded(bitmap, SKEncodedImageFormat.Png);
    }

    /// <summary>A BMP of (3, 32, 32) bytes: 24 bits, the lowest row first, blue before green before red.</summary>
    public static byte[] Bmp(ReadOnlySpan<byte> pixels)
    {
        const int head = 54;
        var file = new byte[head + 3 * Plane];
        "BM"u8.CopyTo(file);
        Write(2, file.Length);
        Write(10, head);
        Write(14, 40);
        Write(18, Side);
        Write(22, Side);
        Write(26, 1 | 24 << 16); // one plane, 24 bits
        Write(34, 3 * Plane);
        for (int i = 0; i < Plane; i++)
        {
            int to = head + ((Side - 1 - i / Side) * Side + i % Side) * 3;
            (file[to], file[to + 1], file[to + 2]) = (pixels[2 * Plane + i], pixels[Plane + i], pixels[i]);
        }
        return file;

        void Write(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
    }

    /// <summary>A JPEG with a red left half and a blue right half.</summary>
    public static byte[] RedAndBlue(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Red);
        bitmap.Erase(SKColors.Blue, new SKRectI(width / 2, 0, width, height));
        return Encoded(bitmap, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>A JPEG with EXIF data that hold an orientation, 1..8, and nothing else.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, // APP1, 34 bytes with this length
            .. "MM"u8, 0, 42, 0, 0, 0, 8, // TIFF, big endian, the directory at 8
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, // one entry: Orientation, a short
            0, 0, 0, 0, // no other directory
        ];
        return [.. jpeg.AsSpan(0, 2), .. exif, .. jpeg.AsSpan(2)];
    }

    /// <summary>A PNG that says it has another size, with the checksum that goes with it: a few bytes that claim gigabytes.</summary>
    public static byte[] WithSize(byte[] png, int width, int height)
    {
        byte[] file = [.. png];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), ZipWriter.CrcOf(file[12..29])); // of IHDR's type and its 13 bytes
        return file;
    }

    public static byte[] Encoded(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
