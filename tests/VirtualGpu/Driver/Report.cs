namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>The mistakes that were caught, in order.</summary>
internal sealed class Report
{
    private const int Kept = 200;

    private readonly List<string> mistakes = [];
    private readonly Dictionary<CUresult, string> last = [];

    public IReadOnlyList<string> Mistakes => mistakes;

    /// <summary>Notes a mistake; the first ones are kept, since the others mostly follow from them.</summary>
    public void Add(CUresult result, string text)
    {
        string line = text.ReplaceLineEndings(" ");
        last[result] = line;
        if (mistakes.Count < Kept) mistakes.Add(line);
    }

    /// <summary>The last mistake that a call returned as this result.</summary>
    public string? Last(CUresult result) => last.GetValueOrDefault(result);
}
