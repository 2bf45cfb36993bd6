namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>The mistakes that were caught, in order.</summary>
internal sealed class Report
{
    private const int Kept = 200;

    private readonly List<string> mistakes = [];
    private readonly Dictionary<Enum, string> last = [];

    public IReadOnlyList<string> Mistakes => mistakes;

    /// <summary>Notes a mistake; the first ones are kept, since the others mostly follow from them.</summary>
    public void Add(Enum status, string text)
    {
        Note(status, text);
        if (mistakes.Count < Kept) mistakes.Add(last[status]);
    }

    /// <summary>Keeps what is known about a status that no mistake of the program's led to.</summary>
    public void Note(Enum status, string text) => last[status] = text.ReplaceLineEndings(" ");

    /// <summary>What is known about the last call that returned this status.</summary>
    public string? Last(Enum status) => last.GetValueOrDefault(status);
}
