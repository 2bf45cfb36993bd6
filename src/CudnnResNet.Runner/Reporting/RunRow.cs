using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>One run as a row of a table.</summary>
internal static class RunRow
{
    /// <summary>The titles.</summary>
    public static IReadOnlyList<string> Titles { get; } = ["run", "network", "recipe", "seed", "epochs", "final %", "best %", "best epoch", "labels"];

    /// <summary>The cells.</summary>
    public static IReadOnlyList<string> Texts(ReportRun run) =>
    [
        run.Name, run.Network, run.Origin == RunOrigin.ReferenceProject ? "reference project" : run.Recipe.Title, run.Seed?.ToString() ?? "-", $"{run.Epochs.Count}/{run.PlannedEpochs}",
        Percent(run.Final), Percent(run.Best), run.Best is { } best ? Words.Count(best.Epoch + 1) : "-", string.Join(", ", run.Labels),
    ];

    private static string Percent(ReportEpoch? epoch) => epoch is null ? "-" : Words.Text($"{epoch.TestError * 100:F2}");
}
