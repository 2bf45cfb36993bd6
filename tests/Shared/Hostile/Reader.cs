namespace CudnnResNet.Tests.Hostile;

/// <summary>A reader of files from anywhere.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="FileName">The name of its file.</param>
/// <param name="MakeSeeds">Makes small valid files, one for each form that the reader knows.</param>
/// <param name="Read">
/// Reads the file at a path and says what was in it: equal content gives equal texts. It uses everything that it has read, so that
/// nothing is left to fail later.
/// </param>
internal sealed record Reader(string Name, string FileName, Func<byte[][]> MakeSeeds, Func<string, string> Read)
{
    private readonly Lazy<byte[][]> seeds = new(MakeSeeds);

    /// <summary>Small valid files.</summary>
    public IReadOnlyList<byte[]> Seeds => seeds.Value;

    /// <summary>What is put around the bytes before they are read: checksums made right, the rest of a file. The bounds are those of the whole.</summary>
    public Func<byte[], byte[]> Wrap { get; init; } = bytes => bytes;

    /// <summary>Whether the reader is given a file, whose name its errors begin with; otherwise it reads what a larger reader has taken out of one.</summary>
    public bool NamesFile { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
