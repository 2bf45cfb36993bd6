using System.Globalization;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>The tables of the speed comparison.</summary>
internal static class SpeedTables
{
    private const double TolerableShare = 0.1;

    /// <summary>One row of work: a line for each side.</summary>
    public static IEnumerable<string> Row(RowResult result)
    {
        var table = new TextTable(("side", false), ("images/s", true), ("slowest..fastest", true), ("ms/step", true), ("GFLOP/s direct", true), ("executed", true),
            ("of peak", true), ("ours is", true), ("in any round", true), ("peak MiB", true));
        var ours = result.Sides[0];
        var remarks = new List<string>();
        foreach (var side in result.Sides)
        {
            if (side.Problem is { } problem)
            {
                remarks.Add($"{side.Side.Name}: not measured: {problem}");
                continue;
            }
            double images = side.Job.Images;
            string times = "", range = "";
            if (side != ours && ours.Problem is null)
            {
                var (median, least, most) = side.TimesAsFast(ours);
                (times, range) = ($"{Ratio(median)}x", $"{Ratio(least)}..{Ratio(most)}");
            }
            table.Add(side.Side.Name, Words.Count(images / side.Seconds), $"{Words.Count(images / side.SlowestSeconds)}..{Words.Count(images / side.FastestSeconds)}", Words.Text($"{side.Seconds * 1e3:F2}"),
                side.Job.DirectFlops is { } direct ? Words.Text($"{direct / side.Seconds / 1e9:F1}") : "-", side.ExecutedFlops is { } executed ? Words.Text($"{executed / 1e9:F1}") : "-", side.ExecutedFlops / side.PeakFlops is { } share ? Words.Text($"{share * 100:F0}%") : "-",
                times, range, Mebibytes(side.PeakBytes));
        }
        return table.Lines().Concat(remarks).Concat(Disturbance(result));
    }

    /// <summary>A ratio: two decimal places, and four for what is a small part of the other.</summary>
    public static string Ratio(double value) => value < 0.1 ? Words.Text($"{value:F4}") : Words.Text($"{value:F2}");

    /// <summary>Memory in MiB.</summary>
    public static string Mebibytes(long bytes) => Words.Count(bytes / (double)(1 << 20));

    /// <summary>A warning where other programs kept the machine busy.</summary>
    public static IEnumerable<string> Disturbance(RowResult result)
    {
        if (result.OthersShare > TolerableShare)
            yield return Words.Text($"OTHER PROGRAMS used {result.OthersShare * 100:F0}% of the processors while all sides slept: these figures are worth little");
    }

    /// <summary>Everything in one table: each library by its faster variant.</summary>
    public static IEnumerable<string> Summary(IEnumerable<RowResult> results, Programs programs)
    {
        var table = new TextTable(("work", false), ("ours", true), ("libtorch", true), ("layout", false), ("ours is", true), ("ONNX Runtime", true), ("ours is", true));
        foreach (var result in results.Where(result => result.Sides[0].Problem is null && !Rows.IsOurs(result.Row, programs)))
        {
            var ours = result.Sides[0];
            var (torch, onnx) = (Fastest(programs.Torch), Fastest(programs.Onnx));
            table.Add(result.Row.Title, Speed(ours), Speed(torch), torch?.Side.Variant ?? "", Times(torch), Speed(onnx), Times(onnx));

            SideResult? Fastest(PeerProgram program) => result.Sides.Where(side => side.Side.Program == program && side.Problem is null).MinBy(side => side.Seconds);
            string Speed(SideResult? side) => side is null ? "-" : Words.Count(1 / side.SecondsPerImage);
            string Times(SideResult? side) => side is null ? "-" : Words.Text($"{side.TimesAsFast(ours).Median:F2}x");
        }
        return table.Lines();
    }

    /// <summary>The largest differences between logits and those in float64.</summary>
    public static IEnumerable<string> Errors(IEnumerable<LogitError> errors)
    {
        var table = new TextTable(("network", false), ("side", false), ("largest error", true), ("of the largest logit", true));
        var problems = new List<string>();
        foreach (var error in errors)
        {
            if (error.Problem is { } problem) problems.Add($"{error.Network}, {error.Side}: {problem}");
            if (!double.IsNaN(error.Error)) table.Add(error.Network, error.Side, Scientific(error.Error), Scientific(error.Error / error.Largest));
        }
        return table.Lines().Concat(problems);
    }

    private static string Scientific(double value) => value.ToString("0.0E+0", CultureInfo.InvariantCulture);
}
