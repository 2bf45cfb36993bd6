using CudnnResNet.Runner;

namespace CudnnResNet.Peers;

/// <summary>What is written to the console and, at the end, to <c>bench/results/CPU/DATE.md</c> and <c>.json</c>.</summary>
internal sealed class Page
{
    private readonly List<string> lines = [];

    /// <summary>Adds a line to both.</summary>
    public void Line(string line = "")
    {
        lines.Add(line);
        Console.Out.WriteLine(line);
    }

    /// <summary>Adds a table: as it stands, in a block of its own.</summary>
    public void Table(IEnumerable<string> table)
    {
        lines.Add("```");
        foreach (string line in table) Line(line);
        lines.Add("```");
        Line();
    }

    /// <summary>Writes the files; those of an earlier run of the same day are left.</summary>
    /// <param name="folder">Where the folder of this processor is or will be.</param>
    /// <param name="kind">What follows the date.</param>
    /// <param name="json">The figures for programs.</param>
    /// <returns>The page's path.</returns>
    public string Write(string folder, string kind, string json)
    {
        folder = Path.Combine(folder, Slug(Machine.Processor()));
        Directory.CreateDirectory(folder);
        string name = DateTime.Now.ToString("yyyy-MM-dd") + kind, path = Path.Combine(folder, name);
        for (int other = 2; File.Exists($"{path}.md"); other++) path = Path.Combine(folder, $"{name}-{other}");
        File.WriteAllText($"{path}.json", json + "\n");
        File.WriteAllText($"{path}.md", string.Join('\n', lines) + "\n");
        return $"{path}.md";
    }

    /// <summary>A processor's name as a folder's: <c>Intel(R) Xeon(R) Processor</c> becomes <c>intel-xeon-processor</c>.</summary>
    private static string Slug(string processor)
    {
        string plain = processor.Replace("(R)", "", StringComparison.OrdinalIgnoreCase).Replace("(TM)", "", StringComparison.OrdinalIgnoreCase);
        var words = new string([.. plain.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]);
        return string.Join('-', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
