using System.Text;

namespace CudnnResNet.Fuzz;

/// <summary>One reader as the fuzzer sees it.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Title">What it reads, for people.</param>
/// <param name="Reader">The reader and its seeds.</param>
/// <param name="Sources">The reader's own source files, for line coverage: ends of paths.</param>
internal sealed record Target(string Name, string Title, Reader Reader, params IReadOnlyList<string> Sources)
{
    /// <summary>Methods in these files that write or look for files and are not part of reading one.</summary>
    public IReadOnlyList<string> NotReading { get; init; } = [];

    /// <summary>Longest input, in bytes.</summary>
    public int MaxLength { get; init; } = 1 << 12;

    /// <summary>Words of the format that chance would not find.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Words that are no text.</summary>
    public IReadOnlyList<byte[]> BinaryWords { get; init; } = [];

    /// <summary>Small valid inputs.</summary>
    public Func<IEnumerable<byte[]>> Seeds { get; init; } = () => Reader.Seeds;

    /// <summary>
    /// Makes a file of an input: puts checksums right, adds what is only payload. Otherwise each mutation would fail at the checksum, and
    /// nothing behind it would be reached.
    /// </summary>
    public Func<byte[], byte[]> ToFile { get; init; } = input => input;

    /// <summary>All words.</summary>
    public IReadOnlyList<byte[]> Dictionary => [.. Words.Select(Encoding.UTF8.GetBytes), .. BinaryWords];
}
