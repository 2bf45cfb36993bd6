using CudnnResNet.Runner.Reporting.Figures;

namespace CudnnResNet.Runner.Reporting;

/// <summary>What a report says at its head, before any figure.</summary>
internal static class ReportLabels
{
    /// <summary>The labels of all runs, with names where they hold for some only.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<ReportRun> runs) => new CurveNames(runs).Labels;
}
