using System.Buffers.Binary;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// The images of <c>predict</c> and the web sample, by format. Skia's decoders are native code without instrumentation: coverage guides the
/// fuzzer through our part only, and what happens in theirs is seen where it kills or stops the process.
/// </summary>
internal static class ImageTargets
{
    private const int FirstChunk = 8, ChunkFrame = 12;

    private static readonly string[] Sources = ["Images/ImageFile.cs", "Images/ImageDecoder.cs", "Images/ImageMemory.cs", "Prediction/ImageResize.cs"];

    public static IReadOnlyList<Target> Table { get; } =
    [
        Of("png", [0x89, (byte)'P']) with
        {
            ToFile = WithChunkChecksums,
            Words = ["IHDR", "IDAT", "IEND", "PLTE", "tRNS", "gAMA", "iCCP", "cHRM", "eXIf", "acTL", "fcTL", "fdAT"],
            BinaryWords = [[8, 3, 0, 0, 0], [16, 6, 0, 0, 1], [1, 0, 0, 0, 0], [0x78, 0x9C], [0x78, 1]], // colour types, zlib's header
        },
        Of("jpeg", [0xFF, 0xD8]) with
        {
            Words = ["Exif\0\0", "MM\0*", "II*\0", "JFIF\0", "ICC_PROFILE\0"],
            BinaryWords = [.. Enumerable.Range(0xC0, 0x40).Select(marker => new byte[] { 0xFF, (byte)marker })],
        },
        Of("bmp", "BM"u8.ToArray()) with
        {
            BinaryWords = [[40, 0, 0, 0], [12, 0, 0, 0], [108, 0, 0, 0], [124, 0, 0, 0], [1, 0, 4, 0], [1, 0, 8, 0], [1, 0, 16, 0], [1, 0, 32, 0], [2, 0, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0x80]], // headers' lengths, depths, compressions
        },
    ];

    private static Target Of(string format, byte[] start) => new(format, $"images ({format.ToUpperInvariant()})", Readers.Image, Sources)
    {
        Seeds = () => Readers.Image.Seeds.Where(seed => seed.AsSpan().StartsWith(start)),
    };

    /// <summary>Puts the CRC-32 of each PNG chunk right.</summary>
    private static byte[] WithChunkChecksums(byte[] input)
    {
        byte[] file = [.. input];
        for (long at = FirstChunk; at + ChunkFrame <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (at + ChunkFrame + length > file.Length) break;
            // Of the type and the data, not of the length.
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)(at + 8 + length)), Crc32.Of(file.AsSpan((int)at + 4, 4 + (int)length)));
            at += ChunkFrame + length;
        }
        return file;
    }
}
