namespace CudnnResNet.Model;

/// <summary>Replaces a file so that a reader, a crash or a full disk finds either the old file or the new one, whole.</summary>
internal static class AtomicFile
{
    /// <summary>What a file is called while it is being written: its name and this.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>
    /// Writes <c>PATH.tmp</c> in the same folder, flushes it to the disk, renames it over <paramref name="path"/>, and flushes the folder.
    /// When anything fails before the rename, the old file is untouched and the temporary one is removed.
    /// </summary>
    /// <remarks>The temporary name is fixed, so what a killed process leaves behind is overwritten by the next save and does not pile up.</remarks>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="keepAs">Where the old file, if there is one, is moved instead of being replaced; a whole file exists under one of the two names at every moment.</param>
    /// <param name="files">The file system; null for the machine's.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write, string? keepAs = null, FileOperations? files = null)
    {
        files ??= FileOperations.Default;
        string full = Path.GetFullPath(path), temporary = full + TemporarySuffix;
        var stream = files.Create(temporary);
        try
        {
            using (stream)
            {
                write(stream);
                files.Flush(stream);
            }
            if (keepAs != null && File.Exists(full)) files.Move(full, keepAs);
            files.Move(temporary, full);
        }
        catch (Exception error)
        {
            Remove(temporary, files);
            if (error is ArgumentOutOfRangeException tooLong) throw FileOperations.TooLong(temporary, tooLong);
            throw;
        }
        files.FlushFolder(Path.GetDirectoryName(full)!);
    }

    private static void Remove(string temporary, FileOperations files)
    {
        try
        {
            files.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here matters more than this one; the next save overwrites the file.
        }
    }
}
