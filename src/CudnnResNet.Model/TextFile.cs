using System.Text;
using System.Text.Unicode;

namespace CudnnResNet.Model;

/// <summary>Reads small files of text that may come from anywhere.</summary>
internal static class TextFile
{
    /// <summary>Longest file of options: <c>args.json</c> has 1,000 bytes.</summary>
    public const int LongestOptions = 1 << 20;

    /// <summary>The whole file, without a byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">Bytes that it may have; no memory is taken for a longer one.</param>
    /// <exception cref="IOException">It cannot be read, is longer, or is not UTF-8.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Read(string path, int longest)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > longest) throw new IOException($"it has {stream.Length} bytes, more than the {longest} allowed");
        var bytes = new byte[stream.Length];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var text = bytes.AsSpan(0, length);
        if (text.StartsWith(Encoding.UTF8.Preamble)) text = text[Encoding.UTF8.Preamble.Length..];
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw new IOException("it is not UTF-8");
    }
}
