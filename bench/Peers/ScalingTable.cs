using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>How the cost of an image grows from line to line.</summary>
internal static class ScalingTable
{
    /// <summary>A line for each side; each is compared with the first of the same name.</summary>
    public static IEnumerable<string> Of(RowResult result)
    {
        var table = new TextTable(("side", false), ("network", false), ("batch", true), ("images/s", true), ("slowest..fastest", true), ("ms/image", true), ("and layer", true),
            ("times the first", true), ("in any round", true), ("work", true), ("peak MiB", true));
        var remarks = new List<string>();
        foreach (var side in result.Sides)
        {
            var (network, images) = (side.Job.Network, side.Job.Images);
            if (side.Problem is { } problem)
            {
                remarks.Add($"{side.Side.Name}, {network.Name}, batch {side.Job.BatchSize}: not measured: {problem}");
                continue;
            }
            var first = result.Sides.First(other => other.Side.Name == side.Side.Name && other.Problem is null);
            var (median, least, most) = side.TimesAsFast(first);
            double work = side.Job.DirectFlops!.Value / images / (first.Job.DirectFlops!.Value / first.Job.Images);
            table.Add(side.Side.Name, network.Name, Words.Text($"{side.Job.BatchSize}"), Words.Count(1 / side.SecondsPerImage),
                $"{Words.Count(images / side.SlowestSeconds)}..{Words.Count(images / side.FastestSeconds)}", Words.Text($"{side.SecondsPerImage * 1e3:F3}"),
                Words.Text($"{side.SecondsPerImage * 1e3 / network.Depth:F4}"), SpeedTables.Ratio(median), $"{SpeedTables.Ratio(least)}..{SpeedTables.Ratio(most)}",
                SpeedTables.Ratio(work), SpeedTables.Mebibytes(side.PeakBytes));
        }
        return table.Lines().Concat(remarks).Concat(SpeedTables.Disturbance(result));
    }
}
