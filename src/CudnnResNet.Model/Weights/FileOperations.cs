using System.Runtime.InteropServices;

namespace CudnnResNet.Model;

/// <summary>
/// What is asked of the file system where data has to survive a full disk, a killed process and a loss of power. One place, so that a test
/// can stand in for it and fail, be slow or lose power at any of the operations.
/// </summary>
/// <remarks>Errors are IOException and UnauthorizedAccessException, as .NET throws them.</remarks>
internal partial class FileOperations
{
    /// <summary>The machine's file system.</summary>
    public static FileOperations Default { get; } = new();

    /// <summary>Makes a file and opens it for writing; one that is there is deleted, and nothing is written to what a link of that name leads to.</summary>
    public virtual Stream Create(string path)
    {
        File.Delete(path);
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    /// <summary>Opens a file for writing at its end; it is made if it is not there.</summary>
    public virtual Stream OpenEnd(string path) => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);

    /// <summary>Returns when what was written to an open file is on the disk.</summary>
    public virtual void Flush(Stream file)
    {
        if (file is FileStream stream) stream.Flush(flushToDisk: true);
        else file.Flush();
    }

    /// <summary>Gives a file another name in the same folder, and replaces a file that had it.</summary>
    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Deletes a file; none is no error.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Makes one folder; one that is there is no error.</summary>
    public virtual void MakeFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>Returns when the names in a folder are on the disk as they are now: files and folders that are new, renamed or deleted.</summary>
    /// <remarks>
    /// .NET opens no folders, hence the three calls of the C library; Windows needs nothing of the kind. A file system that cannot do it
    /// still has renames in order, so failures are let pass.
    /// </remarks>
    public virtual void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        try
        {
            int descriptor = Open(path, flags: 0);
            if (descriptor < 0) return;
            _ = Fsync(descriptor);
            _ = Close(descriptor);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    /// <summary>Makes a folder and those above it that are missing; on the disk when this returns.</summary>
    public void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent) return;
        if (!Directory.Exists(parent)) CreateFolder(parent);
        MakeFolder(path);
        FlushFolder(parent);
    }

    /// <summary>Adds to the end of a file, which is made if it is not there; on the disk when this returns.</summary>
    public void Append(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = OpenEnd(path);
            file.Write(bytes);
            Flush(file);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw TooLong(path, error);
        }
    }

    /// <summary>The error for what .NET's ArgumentOutOfRangeException of a write stands for.</summary>
    internal static IOException TooLong(string path, ArgumentOutOfRangeException error) => new($"{path}: {WriteErrorText(error)}", error);

    /// <summary>Why a write failed. ArgumentOutOfRangeException is .NET's for EFBIG, the answer of a file system or a limit that allows no longer file; to a caller it is a full disk.</summary>
    internal static string WriteErrorText(Exception error) =>
        error is ArgumentOutOfRangeException ? "the file system, or a limit (ulimit -f), allows no longer file" : error.Message;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
