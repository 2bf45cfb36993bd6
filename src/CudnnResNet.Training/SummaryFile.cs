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

    private SummaryFile(string path) => this.path = path;

    /// <summary>Begins the file of a new run.</summary>
    public static SummaryFile Create(string path, string header)
    {
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(header + "\n")));
        return new(path);
    }

    /// <summary>Goes on with a file; what lies beyond the checkpoint, half a line included, is cut off, because it will be written again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">Rows that the checkpoint knows of.</param>
    /// <exception cref="RunFolderException">It has fewer rows.</exception>
    public static SummaryFile Resume(string path, int rows)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int kept = 0, lines = 0;
        for (; lines <= rows; lines++)
        {
            int end = bytes.AsSpan(kept).IndexOf((byte)'\n');
            if (end < 0) throw new RunFolderException($"{path} has {Math.Max(lines - 1, 0)} rows, the checkpoint knows of {rows}; restore the file or begin a new run");
            kept += end + 1;
        }
        if (kept < bytes.Length) AtomicFile.Write(path, stream => stream.Write(bytes, 0, kept));
        return new(path);
    }

    /// <summary>Adds a row.</summary>
    public void Append(SummaryRow row)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(row.ToCsv() + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
