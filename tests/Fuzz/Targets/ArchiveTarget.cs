using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>The official archive. An input is the tar archive, or, where it begins as one, the gzip file itself.</summary>
internal sealed class ArchiveTarget : Target
{
    private const int Block = 512, SizeAt = 124, ChecksumAt = 148, NumberLength = 12, ChecksumLength = 8;

    public override string Name => "archive";

    public override string Reads => "tar.gz archive";

    public override IReadOnlyList<string> Sources => ["Data/ArchiveUnpack.cs"];

    public override int MaxLength => 1 << 16;

    public override IReadOnlyList<string> Words =>
        ["ustar\0" + "00", "ustar  \0", "cifar-10-batches-bin/data_batch_1.bin", "cifar-10-batches-bin/", "././@LongLink", "../", "/etc/passwd", "path=", "size=", "linkpath=", "30 size=3073\n", "GNU.sparse.major=1", "00000006001\0", "77777777777\0"];

    // The kinds of entries are single characters; sizes beyond octal are binary.
    public override IReadOnlyList<byte[]> BinaryWords => [.. "0123457gxLKSV"u8.ToArray().Select(kind => new[] { kind }), [0x80, 0, 0, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], [0x1F, 0x8B, 8], new byte[Block]];

    public override IEnumerable<byte[]> Seeds()
    {
        var few = SmallArchive.Entries()[..3];
        few.Add(new UstarTarEntry(TarEntryType.SymbolicLink, "cifar-10-batches-bin/data_batch_1.bin") { LinkName = "/etc/passwd" });
        var six = Cifar10.AllFiles.Select((name, f) => SmallArchive.Entry($"cifar-10-batches-bin/{name}", CifarFiles.File(f, 1)));
        var gzip = SmallArchive.Create(SmallArchive.Entries()[..3]);
        return [Tar(TarEntryFormat.Ustar, six), Tar(TarEntryFormat.Ustar, few), Long(TarEntryFormat.Pax), Long(TarEntryFormat.Gnu), gzip, [.. gzip, .. gzip]];
    }

    public override byte[] ToFile(byte[] input)
    {
        if (input is [0x1F, 0x8B, ..]) return input;
        byte[] tar = WithChecksums(input);
        using var file = new MemoryStream(tar.Length + 64);
        using (var gzip = new GZipStream(file, CompressionLevel.NoCompression)) gzip.Write(tar);
        return file.ToArray();
    }

    public override void Read(byte[] file)
    {
        string archive = InFolder("archive.tar.gz"), output = InFolder("output");
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        Directory.CreateDirectory(output);
        File.WriteAllBytes(archive, file);
        try
        {
            ArchiveUnpack.Run(archive, output, 1, CancellationToken.None);
        }
        finally
        {
            CheckPlaces(InFolder(), output);
        }
    }

    private static void CheckPlaces(string folder, string output)
    {
        var outside = Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Except(["archive.tar.gz", "output"]);
        var foreign = Directory.GetFileSystemEntries(output).Where(path => !Cifar10.AllFiles.Contains(Path.GetFileName(path)) || new FileInfo(path) is { LinkTarget: not null } or { Length: > Cifar10.RecordBytes });
        if (outside.Concat(foreign).FirstOrDefault() is { } entry) throw new InvalidOperationException($"the archive wrote {entry}");
    }

    /// <summary>Puts the headers' checksums right as far as the archive can be followed.</summary>
    private static byte[] WithChecksums(byte[] input)
    {
        var tar = input.ToArray();
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

    private static byte[] Long(TarEntryFormat format)
    {
        string name = string.Concat(Enumerable.Repeat("a-long-name/", 20));
        TarEntry entry = format == TarEntryFormat.Pax
            ? new PaxTarEntry(TarEntryType.RegularFile, name + "x", new Dictionary<string, string> { ["comment"] = 1.ToString(CultureInfo.InvariantCulture) })
            : new GnuTarEntry(TarEntryType.RegularFile, name + "x");
        entry.DataStream = new MemoryStream([1, 2, 3]);
        return Tar(format, [entry]);
    }

    private static byte[] Tar(TarEntryFormat format, IEnumerable<TarEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, format))
            foreach (var entry in entries) tar.WriteEntry(entry);
        return bytes.ToArray();
    }
}
