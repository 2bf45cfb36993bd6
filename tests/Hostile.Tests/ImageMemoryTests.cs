using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using CudnnResNet.Images;
using CudnnResNet.Runner.Images;
using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>Images that are much larger than their files: what decoding takes, that of the native library included, keeps to the oracle's bound.</summary>
[TestClass]
public sealed class ImageMemoryTests
{
    [TestMethod]
    [DataRow(9_000, 9_000, (byte)0, DisplayName = "PNG")]
    [DataRow(9_000, 9_000, (byte)1, DisplayName = "interlaced PNG")]
    [DataRow(3_500, 3_500, (byte)1, DisplayName = "interlaced PNG of 12 million pixels")]
    public void A_PNG_that_claims_more_than_its_length_accounts_for_is_refused(int width, int height, byte interlace)
    {
        byte[] file = Png(width, height, interlace);
        var refusal = Assert.ThrowsExactly<ImageException>(() => ImageDecoder.Decode(file, ImageFile.Limits));
        Assert.AreEqual(ImageFault.TooLarge, refusal.Fault);
        Assert.Contains($"{width}x{height} pixels in {file.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes", refusal.Message);
    }

    [TestMethod]
    public void A_JPEG_too_large_for_its_file_is_decoded_at_a_smaller_scale_and_looks_the_same()
    {
        byte[] large = TestImages.RedAndBlue(6000, 4000);
        var image = ImageDecoder.Decode(large, ImageFile.Limits);
        Assert.AreEqual((6000, 4000), (image.Width, image.Height));
        byte[] small = ImageDecoder.Decode(TestImages.RedAndBlue(600, 400), ImageFile.Limits).Pixels;
        // All but the two columns where the colours meet.
        for (int i = 0; i < small.Length; i++)
            if (i % 32 is not (15 or 16)) Assert.IsLessThanOrEqualTo(2, Math.Abs(small[i] - image.Pixels[i]), $"byte {i}");
    }

    [TestMethod]
    public void A_JPEG_of_several_scans_is_refused_where_its_coefficients_are_too_many()
    {
        // The header says progressive: libjpeg would keep all coefficients.
        byte[] file = TestImages.RedAndBlue(6000, 4000);
        int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        file[frame + 1] = 0xC2;
        Assert.Contains("6000x4000 pixels in", Assert.ThrowsExactly<ImageException>(() => ImageDecoder.Decode(file, ImageFile.Limits)).Message);
        file[frame + 1] = 0xC0;
        // One component in the first scan instead of three.
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] one = [.. file.AsSpan(0, scan), 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, .. file.AsSpan(scan + 14)];
        Assert.Contains("6000x4000 pixels in", Assert.ThrowsExactly<ImageException>(() => ImageDecoder.Decode(one, ImageFile.Limits)).Message);
    }

    [TestMethod]
    [TestCategory("Long")]
    public void The_memory_of_the_process_keeps_to_the_bound()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("skipped: only Linux tells the most memory that a process has had");
        (string Name, byte[] File)[] files =
        [
            ("PNG of 12 million pixels", Png(3_500, 3_500, 0)),
            ("interlaced PNG of 6 million pixels", Png(2_500, 2_500, 1)),
            ("PNG of 81 million pixels", Png(9_000, 9_000, 0)),
            ("JPEG of 98 million pixels", TestImages.RedAndBlue(14_000, 7_000)),
            ("BMP of 1 bit and 100 million pixels", Bmp(10_000, 10_000)),
        ];
        _ = ImageDecoder.Decode(TestImages.RedAndBlue(4_000, 2_000), ImageFile.Limits); // what a first call takes once and for all
        foreach (var (name, file) in files)
        {
            // Memory that is given back to the system is not taken again unseen.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            File.WriteAllText("/proc/self/clear_refs", "5"); // the peak begins anew
            long before = Status("VmHWM");
            string outcome = "decoded";
            try
            {
                _ = ImageDecoder.Decode(file, ImageFile.Limits);
            }
            catch (ImageException error)
            {
                outcome = error.Message;
            }
            long taken = Status("VmHWM") - before;
            Console.WriteLine(FormattableString.Invariant($"{name}: {file.Length:N0} bytes, {taken:N0} bytes of memory: {outcome}"));
            Assert.IsLessThanOrEqualTo(HostileFile.FreeBytes + HostileFile.BytesPerByte * file.Length, taken, name);
        }
    }

    private static long Status(string name) =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);

    /// <summary>A black PNG of 8-bit grey, whose rows compress to next to nothing.</summary>
    private static byte[] Png(int width, int height, byte interlace)
    {
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        (head[8], head[9], head[12]) = (8, 2, interlace);
        using var data = new MemoryStream();
        using (var zip = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + 3 * width];
            for (int y = 0; y < height; y++) zip.Write(row);
            if (interlace != 0) for (int y = 0; y < height; y++) zip.Write(row);
        }
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR"u8, head), .. Chunk("IDAT"u8, data.ToArray()), .. Chunk("IEND"u8, [])];

        static byte[] Chunk(ReadOnlySpan<byte> kind, byte[] content)
        {
            byte[] length = new byte[4], crc = new byte[4], body = [.. kind, .. content];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            BinaryPrimitives.WriteUInt32BigEndian(crc, ZipWriter.CrcOf(body));
            return [.. length, .. body, .. crc];
        }
    }

    /// <summary>A BMP of one bit a pixel.</summary>
    private static byte[] Bmp(int width, int height)
    {
        const int head = 62;
        int stride = (width + 31) / 32 * 4;
        var file = new byte[head + stride * height];
        "BM"u8.CopyTo(file);
        foreach (var (at, value) in new[] { (2, file.Length), (10, head), (14, 40), (18, width), (22, height), (26, 1 | 1 << 16), (34, stride * height), (46, 2), (58, 0xFFFFFF) })
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        return file;
    }
}
