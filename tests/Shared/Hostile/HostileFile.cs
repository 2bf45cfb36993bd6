using System.Diagnostics;
using CudnnResNet.Model;

namespace CudnnResNet.Tests.Hostile;

/// <summary>A reader has done what no file may make it do.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>What a reader made of a file.</summary>
/// <param name="Content">What it has read; null where it refused.</param>
/// <param name="Refusal">The error; null where it has read the file.</param>
/// <param name="Allocated">Bytes of managed memory that were taken meanwhile, those given back at once included.</param>
/// <param name="Elapsed">Time it took.</param>
internal sealed record Attempt(string? Content, EngineException? Refusal, long Allocated, TimeSpan Elapsed);

/// <summary>
/// The oracle of every test with hostile files: whatever the bytes are, a reader gives either their content or an
/// <see cref="EngineException"/> in one line that names the file, and takes memory in proportion to the file. Any other exception passes through.
/// </summary>
internal sealed class HostileFile : IDisposable
{
    /// <summary>Bytes of memory that every reader may take.</summary>
    public const long FreeBytes = 64 << 20;

    /// <summary>Bytes of memory for each byte of the file, beyond <see cref="FreeBytes"/>.</summary>
    public const int BytesPerByte = 4;

    /// <summary>Longest message, the path of the file left out.</summary>
    public const int LongestMessage = 1000;

    /// <summary>A reader that takes longer hangs. No small file takes a hundredth of it, but a busy machine may pause for long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // In memory where the system has such a folder: a fuzzer writes some millions of files.
    private readonly string folder = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/cudnnresnet-hostile-{Environment.ProcessId}-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("cudnnresnet-hostile-").FullName;

    /// <summary>Lets a reader read a file with these bytes.</summary>
    /// <exception cref="BrokenPromiseException">It took too much memory or time, or its error is not one that can be shown.</exception>
    public Attempt Try(Reader reader, ReadOnlySpan<byte> bytes) => Try(reader, bytes, Patience);

    /// <inheritdoc cref="Try(Reader, ReadOnlySpan{byte})"/>
    /// <param name="reader">The reader.</param>
    /// <param name="bytes">The file's content.</param>
    /// <param name="patience">The time it may take.</param>
    public Attempt Try(Reader reader, ReadOnlySpan<byte> bytes, TimeSpan patience)
    {
        string path = Path.Combine(folder, reader.FileName);
        byte[] content = reader.Wrap(bytes.ToArray());
        File.WriteAllBytes(path, content);
        long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        string? read = null;
        EngineException? refusal = null;
        try
        {
            read = reader.Read(path);
        }
        catch (EngineException error)
        {
            refusal = error;
        }
        var attempt = new Attempt(read, refusal, GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(start));
        Check(reader, path, content.Length, attempt, patience);
        return attempt;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Check(Reader reader, string path, long length, Attempt attempt, TimeSpan patience)
    {
        long allowed = FreeBytes + BytesPerByte * length;
        if (attempt.Allocated > allowed) throw new BrokenPromiseException($"{reader}: {attempt.Allocated:N0} bytes of memory for a file of {length:N0}; allowed are {allowed:N0}");
        if (attempt.Elapsed > patience) throw new BrokenPromiseException($"{reader}: {attempt.Elapsed.TotalSeconds:F1} s for a file of {length:N0} bytes");
        if (attempt.Refusal is not { } refusal) return;
        string message = refusal.Message;
        if (message.FirstOrDefault(IsUnprintable) is not '\0' and var letter) throw new BrokenPromiseException($"{reader}: a message with the character U+{(int)letter:X4}");
        if (message.Length == 0 || message.Length > LongestMessage + path.Length) throw new BrokenPromiseException($"{reader}: a message of {message.Length} characters");
        // A run folder is read as a whole: its name stands for the files in it.
        if (reader.NamesFile && !message.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal)) throw new BrokenPromiseException($"{reader}: a message that does not name the file: {message}");
    }

    // What moves a cursor, ends a line, turns the direction of writing round, or is no character at all.
    private static bool IsUnprintable(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
