using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>An archive like the official one with 20 records per file, and settings that fit it.</summary>
internal static class SmallArchive
{
    public static byte[] Bytes { get; } = Create(Entries());

    /// <summary>Settings for an archive; everything that waits waits for a moment only.</summary>
    public static DownloadSettings Settings(Uri address, byte[]? archive = null)
    {
        archive ??= Bytes;
        return new DownloadSettings
        {
            Address = address,
            Length = archive.Length,
#pragma warning disable CA5351 // MD5 is the checksum that the authors of the data set publish
            Md5 = Convert.ToHexStringLower(MD5.HashData(archive)),
#pragma warning restore CA5351
            RecordsPerFile = CifarFiles.Records,
            AnswerTimeout = TimeSpan.FromSeconds(5),
            SilenceTimeout = TimeSpan.FromSeconds(5),
            ResumptionDelay = TimeSpan.FromMilliseconds(1),
        };
    }

    /// <summary>What the official archive holds: the folder, the six files, and two that are of no use here.</summary>
    public static List<TarEntry> Entries()
    {
        List<TarEntry> entries =
        [
            new UstarTarEntry(TarEntryType.Directory, "cifar-10-batches-bin/"),
            Entry("cifar-10-batches-bin/readme.html", [1, 2, 3]),
            Entry("cifar-10-batches-bin/batches.meta.txt", [4, 5]),
        ];
        for (int f = 0; f < Cifar10.AllFiles.Length; f++)
            entries.Add(Entry($"cifar-10-batches-bin/{Cifar10.AllFiles[f]}", CifarFiles.File(f)));
        return entries;
    }

    public static TarEntry Entry(string name, byte[] content) => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    public static byte[] Create(IEnumerable<TarEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        return bytes.ToArray();
    }
}
