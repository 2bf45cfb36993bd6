using System.Diagnostics;
using System.Text.Json.Nodes;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>What a start of the runner's <c>bench</c> tells of itself.</summary>
/// <param name="FirstStepSeconds">From the start of the process to the end of the first training step.</param>
/// <param name="BytesPerStep">Managed memory that a training step allocates after warming up.</param>
internal sealed record Start(double FirstStepSeconds, double BytesPerStep)
{
    /// <summary>The word for <c>--only</c>.</summary>
    public const string Id = "start";

    private const string Mark = "{\"event\":\"bench\"";

    /// <summary>Starts <c>bench</c> on ResNet-20, as a user does, and lets it end.</summary>
    /// <exception cref="PeerException">It has failed.</exception>
    public static Start Measure(int threads)
    {
        string runner = typeof(Runner.CommandLine).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [runner, "bench", "--device", "cpu", "--depth", "20", "--batch-size", "128", "--threads", Words.Text($"{threads}"), "--steps", "1", "--json"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? Read(output) : throw new PeerException(Words.Text($"bench ended with code {process.ExitCode}"));
    }

    /// <summary>Finds the two figures in what <c>bench --json</c> writes.</summary>
    /// <exception cref="PeerException">They are not there.</exception>
    internal static Start Read(string output)
    {
        string line = output.Split('\n').FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal)) ?? throw new PeerException("bench has not told its figures");
        var record = JsonNode.Parse(line)!;
        return new(record["first_step_seconds"]!.GetValue<double>(), record["bytes_per_step"]!.GetValue<double>());
    }
}
