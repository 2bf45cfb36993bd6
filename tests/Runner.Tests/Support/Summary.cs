namespace CudnnResNet.Runner.Tests;

/// <summary>The summary.csv of a run.</summary>
internal static class Summary
{
    /// <summary>The weights' hash after each epoch.</summary>
    public static string[] Hashes(string run) => [.. Rows(run).Select(row => row["weights_sha256"])];

    /// <summary>The file without the columns that hold times and throughput.</summary>
    public static string[] WithoutTimes(string run) =>
        [.. Rows(run).Select(row => string.Join(',', row.Where(cell => cell.Key is not ("images_per_second" or "epoch_seconds" or "elapsed_seconds")).Select(cell => $"{cell.Key}={cell.Value}")))];

    private static List<Dictionary<string, string>> Rows(string run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run, "summary.csv"));
        string[] names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => names.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }
}
