using System.IO.Compression;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Takes the six files out of the official archive. Only regular files of the expected names and lengths are written, under names
/// of ours, so that no archive can reach another place; everything else is passed over, and there is a limit to how much.
/// </summary>
internal static class ArchiveUnpack
{
    private const int MaxEntries = 64;
    private const long MaxOtherBytes = 1 << 20;

    /// <summary>Writes the files into an existing folder.</summary>
    /// <exception cref="DataException">The archive is damaged, or a file is missing, twice there, no regular file, or of another length.</exception>
    public static void Run(string archive, string folder, int recordsPerFile, CancellationToken cancellation)
    {
        long length = (long)recordsPerFile * Cifar10.RecordBytes;
        HashSet<string> missing = [.. Cifar10.AllFiles];
        try
        {
            using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            var entries = new ArchiveEntries(stream);
            for (int count = 1; entries.Next() is { } entry; count++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (count > MaxEntries)
                    throw new DataException($"{archive} has more than {MaxEntries} entries");
                string? name = ExpectedName(entry.Name);
                if (name is null && entry.Length > MaxOtherBytes)
                    throw new DataException($"{archive}: {PrintableText.Quoted(entry.Name)} has {entry.Length} bytes and does not belong there");
                if (name is null)
                    continue;
                if (!entry.IsFile)
                    throw new DataException($"{archive}: {name} is no regular file but an entry of type {PrintableText.Quoted($"{entry.Type}")}");
                if (entry.Length != length)
                    throw new DataException($"{archive}: {name} has {entry.Length} bytes instead of {length}");
                if (!missing.Remove(name))
                    throw new DataException($"{archive}: {name} is there twice");
                Write(entries, Path.Combine(folder, name));
            }
            ReadToEnd(stream, archive);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{archive} cannot be unpacked: {e.Message}", e);
        }
        if (missing.Count > 0)
            throw new DataException($"{archive} holds no {missing.Order(StringComparer.Ordinal).First()}");
    }

    private static string? ExpectedName(string entry) =>
        Cifar10.AllFiles.FirstOrDefault(name => entry == $"{Cifar10.FolderName}/{name}" || entry == $"./{Cifar10.FolderName}/{name}");

    private static void Write(ArchiveEntries entries, string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        entries.CopyTo(file);
        file.Flush(flushToDisk: true);
    }

    /// <summary>The checksum of the whole is behind the last byte.</summary>
    private static void ReadToEnd(GZipStream stream, string archive)
    {
        var buffer = new byte[1 << 13];
        long total = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
            if ((total += read) > MaxOtherBytes)
                throw new DataException($"{archive} has more than {MaxOtherBytes} bytes after its last entry");
    }
}
