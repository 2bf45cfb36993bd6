using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The figures by which the reference project sums itself up, computed from its curves; errors are the smallest of any epoch, as it quotes them.</summary>
internal static class ReferenceSummary
{
    /// <summary>The network with the fewest errors.</summary>
    public static ReportRun BestRun => ReferenceResults.Runs.MinBy(BestError)!;

    /// <summary>Its accuracy, fraction.</summary>
    public static double BestAccuracy => 1 - BestError(BestRun);

    /// <summary>What shortcuts take off the error of 20 layers: plain-20 minus ResNet-20, a fraction.</summary>
    public static double GainOfShortcuts => BestError(ReferenceResults.Find(Architecture.Plain, 20)!) - BestError(ReferenceResults.Find(Architecture.ResNet, 20)!);

    /// <summary>The network that is furthest from the paper, in either direction, and its error minus the paper's, a fraction.</summary>
    public static (ReportRun Run, double Difference) LargestDistance(Architecture architecture) => Differences(architecture).MaxBy(pair => Math.Abs(pair.Difference));

    /// <summary>The network that is furthest above the paper, or least below it, and its error minus the paper's, a fraction.</summary>
    public static (ReportRun Run, double Difference) LargestExcess(Architecture architecture) => Differences(architecture).MaxBy(pair => pair.Difference);

    /// <summary>The same for people.</summary>
    public static IReadOnlyList<string> Lines()
    {
        var (residual, distance) = LargestDistance(Architecture.ResNet);
        var (above, excess) = LargestExcess(Architecture.ResNet);
        var (plain, plainDistance) = LargestDistance(Architecture.Plain);
        return
        [
            Words.Text($"best accuracy {BestAccuracy * 100:F2} % ({BestRun.Network}, best epoch)"),
            Words.Text($"plain-20 minus ResNet-20: {GainOfShortcuts * 100:F2} points"),
            Words.Text($"largest distance to the paper: {distance * 100:+0.00;-0.00} points ({residual.Network}); largest above it: {excess * 100:+0.00;-0.00} ({above.Network})"),
            Words.Text($"largest distance of the plain networks, whose errors in the paper are read off a figure: {plainDistance * 100:+0.00;-0.00} points ({plain.Network})"),
        ];
    }

    private static IEnumerable<(ReportRun Run, double Difference)> Differences(Architecture architecture) => ReferenceResults.Runs
        .Where(run => run.Architecture == architecture)
        .Select(run => (run, BestError(run) - PaperResults.Find(run.Architecture, run.Depth)!.Error));

    private static double BestError(ReportRun run) => run.Best!.TestError;
}
