using System.Runtime.InteropServices;
using CudnnResNet.Runner;

namespace CudnnResNet.Peers;

/// <summary>Conditions and rows as objects for programs.</summary>
internal static class ResultJson
{
    /// <summary>Where and how it was measured.</summary>
    public static object Conditions(Rounds rounds, int threads, IReadOnlyList<string> versions) => new
    {
        Date = DateTime.Now.ToString("yyyy-MM-dd HH:mm"),
        Processor = Machine.Processor(),
        Environment.ProcessorCount,
        OperatingSystem = RuntimeInformation.OSDescription,
        Dotnet = Environment.Version.ToString(),
        Versions = versions,
        Threads = threads,
        Rounds = rounds.Count,
        SecondsPerTurn = rounds.Seconds,
    };

    /// <summary>A row.</summary>
    public static object Row(RowResult result) => new
    {
        result.Row.Id,
        result.Row.Title,
        result.OthersShare,
        Sides = result.Sides.Select(Side),
    };

    private static object Side(SideResult side) => new
    {
        side.Side.Name,
        side.Side.Variant,
        side.Side.Threads,
        Network = side.Job.Network.Name,
        Work = side.Job.Kind.ToString().ToLowerInvariant(),
        side.Job.BatchSize,
        ImagesPerStep = side.Job.Images,
        GflopDirectPerStep = side.Job.DirectFlops / 1e9,
        side.Side.Environment,
        side.Problem,
        side.Opened?.Device,
        ImagesPerSecond = side.Turns.Count > 0 ? 1 / side.SecondsPerImage : (double?)null,
        SecondsPerStep = side.Turns.Select(turn => turn.MedianSeconds),
        Steps = side.Turns.Select(turn => turn.Steps),
        side.PeakBytes,
        GflopExecutedPerStep = 2 * side.Opened?.ExecutedMultiplyAdds / 1e9,
        PeakGflops = side.Turns.Select(turn => turn.PeakFlops / 1e9),
    };
}
