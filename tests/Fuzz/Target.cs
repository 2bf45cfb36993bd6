using System.Text;

namespace CudnnResNet.Fuzz;

/// <summary>One reader of files as the fuzzer sees it.</summary>
internal abstract class Target : IDisposable
{
    private TemporaryFolder? folder;

    /// <summary>What the command line calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it reads, for people.</summary>
    public abstract string Reads { get; }

    /// <summary>The reader's own source files, for line coverage: ends of paths.</summary>
    public abstract IReadOnlyList<string> Sources { get; }

    /// <summary>Methods in these files that write, convert or compare and are not part of reading.</summary>
    public virtual IReadOnlyList<string> NotReading => [];

    /// <summary>Longest input, in bytes.</summary>
    public virtual int MaxLength => 1 << 14;

    /// <summary>Words of the format that chance would not find.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Words that are no text.</summary>
    public virtual IReadOnlyList<byte[]> BinaryWords => [];

    /// <summary>All words.</summary>
    public IReadOnlyList<byte[]> Dictionary => [.. Words.Select(Encoding.UTF8.GetBytes), .. BinaryWords];

    /// <summary>Bytes that reading a file may take: four times the file, and 64 MiB.</summary>
    public virtual long AllowedBytes(long fileLength) => 4 * fileLength + (64 << 20);

    /// <summary>Small valid inputs.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>
    /// Makes a file of an input: puts checksums right, adds what is only payload. Otherwise each mutation would fail at the checksum, and
    /// nothing behind it would be reached.
    /// </summary>
    public virtual byte[] ToFile(byte[] input) => input;

    /// <summary>Reads a file the way the program does. An <see cref="Model.EngineException"/> is a refusal, anything else a bug.</summary>
    public abstract void Read(byte[] file);

    /// <summary>A file or folder in a folder of the target's own.</summary>
    protected string InFolder(params string[] parts) => (folder ??= new())[parts];

    /// <inheritdoc/>
    public virtual void Dispose() => folder?.Dispose();
}
