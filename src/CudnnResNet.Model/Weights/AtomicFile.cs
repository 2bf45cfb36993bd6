using System.Runtime.InteropServices;

namespace CudnnResNet.Model;

/// <summary>Replaces a file so that a reader, a crash or a full disk finds either the old file or the new one, whole.</summary>
internal static partial class AtomicFile
{
    /// <summary>
    /// Writes <c>PATH.tmp</c> in the same folder, flushes it to the disk, renames it over <paramref name="path"/>, and flushes the folder.
    /// When anything fails before the rename, the old file is untouched and the temporary one is removed.
    /// </summary>
    /// <remarks>The temporary name is fixed, so what a killed process leaves behind is overwritten by the next save and does not pile up.</remarks>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="keepAs">Where the old file, if there is one, is moved instead of being replaced; a whole file exists under one of the two names at every moment.</param>
    /// <param name="open">Opens the temporary file for writing; null for a plain file. Lets a test stand in for a full or slow disk.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write, string? keepAs = null, Func<string, Stream>? open = null)
    {
        string full = Path.GetFullPath(path), temporary = full + ".tmp";
        var stream = (open ?? Create)(temporary);
        try
        {
            using (stream)
            {
                write(stream);
                if (stream is FileStream file) file.Flush(flushToDisk: true);
                else stream.Flush();
            }
            if (keepAs != null && File.Exists(full)) File.Move(full, keepAs, overwrite: true);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception error)
        {
            Remove(temporary);
            // What .NET makes of EFBIG, the answer of a file system or a limit that allows no longer file; to a caller it is a full disk.
            if (error is ArgumentOutOfRangeException) throw new IOException($"{temporary}: {error.Message}", error);
            throw;
        }
        FlushFolder(Path.GetDirectoryName(full)!);
    }

    /// <summary>What <see cref="Write"/> opens when nothing else is asked for: a new file, never what a link of that name leads to.</summary>
    public static FileStream Create(string path)
    {
        File.Delete(path);
        return new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here matters more than this one; the next save overwrites the file.
        }
    }

    // A rename is on the disk only when its folder is. .NET opens no folders, hence the three calls of the C library; Windows
    // needs nothing of the kind. A file system that cannot do it still has the rename in order, so failures are let pass.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        try
        {
            int descriptor = Open(folder, flags: 0);
            if (descriptor < 0) return;
            _ = Fsync(descriptor);
            _ = Close(descriptor);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
