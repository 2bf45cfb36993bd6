using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>Readers of the data set.</summary>
internal static class DataTargets
{
    private const int Block = 512, SizeAt = 124, ChecksumAt = 148, NumberLength = 12, ChecksumLength = 8;

    public static IReadOnlyList<Target> Table { get; } =
    [
        new("cifar", "CIFAR-10 records", Readers.Cifar, "Data/Cifar10.cs")
        {
            MaxLength = 3 * Cifar10.RecordBytes,
            NotReading = ["Read", "ReadFiles", "FindFolder", "IsEmpty", "CheckLengths", "PythonMessage", "get_ClassNames"],
        },
        new("archive", "tar.gz archive", Readers.Archive, "Data/ArchiveUnpack.cs", "Data/ArchiveEntries.cs")
        {
            MaxLength = 1 << 16,
            Seeds = ArchiveSeeds,
            ToFile = ToArchive,
            Words =
            [
                "ustar\0" + "00", "ustar  \0", "cifar-10-batches-bin/data_batch_1.bin", "cifar-10-batches-bin/", "./cifar-10-batches-bin/test_batch.bin", "././@LongLink", "../", "/etc/passwd",
                "path=", "size=", "linkpath=", "30 size=3073\n", "GNU.sparse.major=1", "00000014002\0", "77777777777\0",
            ],
            // The kinds of entries are single letters; a size beyond octal digits is binary.
            BinaryWords = [.. "0123457gxLKSV"u8.ToArray().Select(kind => new[] { kind }), [0x80, 0, 0, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], [0x1F, 0x8B, 8], new byte[Block]],
        },
    ];

    /// <summary>An input is the tar archive, or, where it begins as one, the gzip file itself.</summary>
    private static byte[] ToArchive(byte[] input)
    {
        if (input is [0x1F, 0x8B, ..]) return input;
        byte[] tar = WithChecksums(input);
        using var file = new MemoryStream(tar.Length + 64);
        using (var gzip = new GZipStream(file, CompressionLevel.NoCompression)) gzip.Write(tar);
        return file.ToArray();
    }

    private static IEnumerable<byte[]> ArchiveSeeds()
    {
        var link = new UstarTarEntry(TarEntryType.SymbolicLink, "cifar-10-batches-bin/data_batch_1.bin") { LinkName = "/etc/passwd" };
        string longName = string.Concat(Enumerable.Repeat("a-long-name/", 20)) + "x";
        byte[] gzip = SmallArchive.Create([link]);
        return
        [
            .. Readers.Archive.Seeds.Select(Unzipped), Tar(link, SmallArchive.Entry("cifar-10-batches-bin/readme.html", [1, 2, 3])), gzip, [.. gzip, .. gzip],
            Tar(new PaxTarEntry(TarEntryType.RegularFile, longName, new Dictionary<string, string> { ["comment"] = "1" })), Tar(new GnuTarEntry(TarEntryType.RegularFile, longName)),
        ];
    }

    private static byte[] Unzipped(byte[] file)
    {
        using var tar = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        gzip.CopyTo(tar);
        return tar.ToArray();
    }

    private static byte[] Tar(params TarEntry[] entries)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, entries[0].Format))
            foreach (var entry in entries) tar.WriteEntry(entry);
        return bytes.ToArray();
    }

    /// <summary>Puts the headers' checksums right as far as the archive can be followed.</summary>
    private static byte[] WithChecksums(byte[] input)
    {
        byte[] tar = [.. input];
        for (long at = 0; at + Block <= tar.Length;)
        {
            var header = tar.AsSpan((int)at, Block);
            if (!header.ContainsAnyExcept((byte)0)) break;
            header.Slice(ChecksumAt, ChecksumLength).Fill((byte)' ');
            int sum = 0;
            foreach (byte value in header) sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[ChecksumAt..]);
            at += Block + (SizeOf(header) + Block - 1) / Block * Block;
        }
        return tar;
    }

    private static long SizeOf(ReadOnlySpan<byte> header)
    {
        long size = 0;
        foreach (byte digit in header.Slice(SizeAt, NumberLength))
        {
            if (digit is >= (byte)'0' and <= (byte)'7') size = 8 * size + digit - '0';
            else if (digit is not ((byte)' ' or 0)) return 0;
        }
        return size;
    }
}
