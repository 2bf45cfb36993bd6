using System.Security.Cryptography;
using System.Text.Json;

namespace CudnnResNet.Fuzz;

/// <summary>What all runs on one folder came to.</summary>
/// <param name="Executions">Files read.</param>
/// <param name="Seconds">Time it took.</param>
internal sealed record Totals(long Executions, double Seconds);

/// <summary>What is kept of a target: its inputs, its findings, the lines that no input runs, and the totals. A later run goes on from them.</summary>
internal sealed class CorpusFolder
{
    private readonly string inputs, findings, totals, missed;

    /// <summary>Opens a folder, or makes it.</summary>
    public CorpusFolder(string folder, string target)
    {
        inputs = Directory.CreateDirectory(Path.Combine(folder, target, "inputs")).FullName;
        findings = Directory.CreateDirectory(Path.Combine(folder, target, "findings")).FullName;
        totals = Path.Combine(folder, target, "totals.json");
        missed = Path.Combine(folder, target, "missed-lines.txt");
    }

    /// <summary>The inputs that earlier runs kept, in the order of their names.</summary>
    public IEnumerable<byte[]> Inputs() => Directory.GetFiles(inputs).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>How many inputs there are.</summary>
    public int InputCount => Directory.GetFiles(inputs).Length;

    /// <summary>Different bugs of a kind found so far and not deleted since.</summary>
    public int FindingCount(FaultKind kind) => Directory.GetFiles(findings, $"{kind}-*.txt").Length;

    /// <summary>Keeps an input that reached something new.</summary>
    public void AddInput(byte[] input) => File.WriteAllBytes(Path.Combine(inputs, Hash(input)), input);

    /// <summary>Keeps a file that shows a bug, and what it shows beside it.</summary>
    public void AddFinding(Fault fault, byte[] file)
    {
        string path = Path.Combine(findings, $"{fault.Kind}-{Hash(System.Text.Encoding.UTF8.GetBytes(fault.Signature))}");
        File.WriteAllBytes(path, file);
        File.WriteAllText(path + ".txt", $"{fault.Signature}\n{fault.Details}\n");
    }

    /// <summary>Says which lines no input runs.</summary>
    public void WriteMissed(LineCoverage coverage) => File.WriteAllLines(missed, coverage.Missed.Select(line => $"{line.File}:{line.Line} {line.Method}"));

    /// <summary>What runs came to so far.</summary>
    public Totals ReadTotals() => File.Exists(totals) ? JsonSerializer.Deserialize<Totals>(File.ReadAllText(totals))! : new(0, 0);

    /// <summary>Adds a run.</summary>
    public Totals AddTotals(long executions, double seconds)
    {
        var before = ReadTotals();
        var sum = new Totals(before.Executions + executions, before.Seconds + seconds);
        File.WriteAllText(totals, JsonSerializer.Serialize(sum));
        return sum;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
}
