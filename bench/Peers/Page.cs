using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CudnnResNet.Model;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>What is written to the console and to <c>FOLDER/CPU/DATE.md</c> and <c>.json</c>.</summary>
/// <param name="folder">Where the folder of this processor is or will be.</param>
/// <param name="kind">What follows the date.</param>
internal sealed class Page(string folder, string kind)
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JsonLines.Options.Encoder,
    };

    private readonly List<string> lines = [];
    private string? path;

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

    /// <summary>Writes the files, anew where this page has been written before; those of earlier runs on the same day are left.</summary>
    /// <param name="json">The figures for programs: an object.</param>
    /// <param name="soFar">A table for the file alone: what a run has come to that is not over.</param>
    /// <returns>The page's path.</returns>
    public string Write(object json, IEnumerable<string>? soFar = null)
    {
        path ??= Unused();
        string page = string.Join('\n', soFar is null ? lines : [.. lines, "", "```", .. soFar, "```"]) + "\n";
        // Whole or not at all: a run that is broken off has to leave the figures of its last writing.
        AtomicFile.Write($"{path}.json", stream => stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(json, JsonOptions) + "\n")));
        AtomicFile.Write($"{path}.md", stream => stream.Write(Encoding.UTF8.GetBytes(page)));
        return $"{path}.md";
    }

    private string Unused()
    {
        string processor = Path.Combine(folder, Slug(Machine.Processor())), name = DateTime.Now.ToString("yyyy-MM-dd") + kind, unused = Path.Combine(processor, name);
        Directory.CreateDirectory(processor);
        for (int other = 2; File.Exists($"{unused}.md"); other++) unused = Path.Combine(processor, $"{name}-{other}");
        return unused;
    }

    /// <summary>A processor's name as a folder's: <c>Intel(R) Xeon(R) Processor</c> becomes <c>intel-xeon-processor</c>.</summary>
    private static string Slug(string processor)
    {
        string plain = processor.Replace("(R)", "", StringComparison.OrdinalIgnoreCase).Replace("(TM)", "", StringComparison.OrdinalIgnoreCase);
        var words = new string([.. plain.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]);
        return string.Join('-', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
