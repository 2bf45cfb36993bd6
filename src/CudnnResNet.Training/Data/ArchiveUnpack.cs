using System.Formats.Tar;
using System.IO.Compression;

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
            using var reader = new TarReader(stream);
            int entries = 0;
            while (reader.GetNextEntry() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                if (++entries > MaxEntries)
                    throw new DataException($"{archive} has more than {MaxEntries} entries");
                string? name = ExpectedName(entry.Name);
                if (name is null && entry.Length > MaxOtherBytes)
                    throw new DataException($"{archive}: {Shown(entry.Name)} has {entry.Length} bytes and does not belong there");
                if (name is null)
                    continue;
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                    throw new DataException($"{archive}: {name} is no regular file but {entry.EntryType}");
                if (entry.Length != length)
                    throw new DataException($"{archive}: {name} has {entry.Length} bytes instead of {length}");
                if (!missing.Remove(name))
                    throw new DataException($"{archive}: {name} is there twice");
                Write(entry, Path.Combine(folder, name));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or FormatException or UnauthorizedAccessException)
        {
            throw new DataException($"{archive} cannot be unpacked: {e.Message}", e);
        }
        if (missing.Count > 0)
            throw new DataException($"{archive} holds no {missing.Order(StringComparer.Ordinal).First()}");
    }

    private static string? ExpectedName(string entry) =>
        Cifar10.AllFiles.FirstOrDefault(name => entry == $"{Cifar10.FolderName}/{name}" || entry == $"./{Cifar10.FolderName}/{name}");

    private static void Write(TarEntry entry, string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        entry.DataStream?.CopyTo(file);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A foreign name without what could upset a terminal.</summary>
    private static string Shown(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
