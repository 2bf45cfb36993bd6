using System.Text.Json.Nodes;

namespace CudnnResNet.Peers;

/// <summary>What our engine says of its own arithmetic, from <c>bench --json</c>.</summary>
/// <param name="PerDirect">Executed operations for each one that a direct convolution would execute; Winograd's algorithm needs fewer.</param>
/// <param name="PeakGflops">What a loop of nothing but fused multiply-adds reaches on these threads.</param>
internal sealed record ExecutedWork(double? PerDirect, double? PeakGflops)
{
    private const string Steps = "3";

    /// <summary>Asks the runner that was built together with this program; null where it does not tell.</summary>
    public static ExecutedWork? Ask(Row row, Side side)
    {
        string runner = typeof(Runner.CommandLine).Assembly.Location;
        var (code, output) = PeerProgram.Run(
            [runner, "bench", "--json", "--device", "cpu", "--model", row.Network.Name, "--mode", row.Training ? "train" : "infer",
                "--batch-size", $"{row.BatchSize}", "--threads", $"{side.Threads}", "--steps", Steps], side.Environment);
        string? line = code == 0 ? output.Split('\n').LastOrDefault(line => line.Contains("\"event\":\"bench\"", StringComparison.Ordinal)) : null;
        if (line is null || JsonNode.Parse(line) is not JsonObject bench) return null;
        double? executed = (double?)bench["gflops_executed"], direct = (double?)bench["gflops_direct"];
        return new(executed / direct, (double?)bench["peak_gflops"]);
    }
}
