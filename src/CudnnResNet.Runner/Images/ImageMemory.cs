using System.Buffers.Binary;

namespace CudnnResNet.Images;

/// <summary>
/// What decoding an image takes of memory, which is not the size of its file: a few kilobytes can claim to hold a hundred million pixels.
/// </summary>
internal static class ImageMemory
{
    private const int RgbaBytes = 4;

    /// <summary>What an image may take: 12 million pixels, whatever it is, and two bytes for each byte of the file, which is itself there twice.</summary>
    /// <param name="fileBytes">Bytes of the file.</param>
    public static long Allowed(long fileBytes) => (48L << 20) + 2 * fileBytes;

    /// <summary>What it takes: the pixels of the result, and for some kinds of files a buffer of the decoder's for the whole image.</summary>
    /// <param name="file">The file, whose first bytes are those of the format.</param>
    /// <param name="format">PNG, JPEG or BMP.</param>
    /// <param name="pixels">Pixels that the file claims.</param>
    /// <param name="decoded">Pixels that are decoded: fewer where a JPEG is decoded at a smaller scale.</param>
    public static long Of(ReadOnlySpan<byte> file, string format, long pixels, long decoded) => RgbaBytes * decoded + format switch
    {
        // Adam7: the rows of the image are complete only at its end. Up to 16 bits for each of four channels.
        "PNG" => file.Length > 28 && file[28] != 0 ? 8 * pixels : 0,
        // Of several scans the decoder keeps the coefficients of the whole image, 16 bits each, at any scale.
        "JPEG" => CoefficientBytes(file) * pixels,
        _ => 0,
    };

    /// <summary>Bytes for each pixel that a JPEG's coefficients take; 0 where its first scan has all components, so that it is decoded in rows.</summary>
    private static int CoefficientBytes(ReadOnlySpan<byte> file)
    {
        const int most = 2 * 4;
        int components = 0;
        bool progressive = false;
        for (int at = 2; at + 4 <= file.Length;)
        {
            if (file[at] != 0xFF || file[at + 1] is 0x00 or 0xFF or 0x01 or (>= 0xD0 and <= 0xD8)) // no marker, or one without a length
            {
                at++;
                continue;
            }
            int marker = file[at + 1], length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && at + 9 < file.Length) // start of frame
            {
                components = file[at + 9];
                progressive = (marker & 3) == 2;
            }
            if (marker == 0xDA && at + 4 < file.Length) // start of scan
                return progressive || file[at + 4] != components ? 2 * Math.Clamp(components, 1, 4) : 0;
            at += 2 + length;
        }
        return most;
    }
}
