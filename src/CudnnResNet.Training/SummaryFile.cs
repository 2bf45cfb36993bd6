using System.Text;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>
/// <c>summary.csv</c>: a header and one row for each epoch that is over. Lines end with LF, and a row is on the disk when
/// <see cref="Append"/> returns.
/// </summary>
internal sealed class SummaryFile
{
    private readonly string path;
    private readonly FileOperations files;

    private SummaryFile(string path, FileOperations files) => (this.path, this.files) = (path, files);

    /// <summary>Begins the file of a new run.</summary>
    public static SummaryFile Create(string path, string header, FileOperations files)
    {
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(header + "\n")), files: files);
        return new(path, files);
    }

    /// <summary>Goes on with a file; what lies beyond the checkpoint, half a line included, is cut off, because it will be written again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">Rows that the checkpoint knows of.</param>
    /// <param name="files">The file system.</param>
    /// <exception cref="RunFolderException">It has fewer rows.</exception>
    public static SummaryFile Resume(string path, int rows, FileOperations files)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int kept = 0, lines = 0;
        for (; lines <= rows; lines++)
        {
            int end = bytes.AsSpan(kept).IndexOf((byte)'\n');
            if (end < 0) throw new RunFolderException($"{path} has {Math.Max(lines - 1, 0)} rows, the checkpoint knows of {rows}; restore the file or begin a new run");
            kept += end + 1;
        }
        if (kept < bytes.Length) AtomicFile.Write(path, stream => stream.Write(bytes, 0, kept), files: files);
        return new(path, files);
    }

    /// <summary>Adds a row.</summary>
    public void Append(SummaryRow row) => files.Append(path, Encoding.UTF8.GetBytes(row.ToCsv() + "\n"));
}
