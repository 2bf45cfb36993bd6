namespace CudnnResNet.Fuzz;

/// <summary>The report: a row for each reader.</summary>
internal static class ResultTable
{
    /// <summary>The head, two lines of Markdown.</summary>
    public const string Head = """
        | reader                  | executions |     in all | minutes | inputs |    lines covered | crashes | hangs | over-allocations | messages |
        |-------------------------|-----------:|-----------:|--------:|-------:|-----------------:|--------:|------:|-----------------:|---------:|
        """;

    /// <summary>A target's row; everything but the first number counts all runs on the corpus.</summary>
    public static string Row(TargetResult result)
    {
        int covered = result.Coverage.Covered.Count, lines = covered + result.Coverage.Missed.Count;
        string coverage = FormattableString.Invariant($"{100 * result.Coverage.Fraction:F0} % ({covered}/{lines})");
        return FormattableString.Invariant($"| {result.Target.Title,-23} | {result.Executions,10:N0} | {result.Totals.Executions,10:N0} | {result.Totals.Seconds / 60,7:F1} | {result.Folder.InputCount,6} | {coverage,16} ")
            + FormattableString.Invariant($"| {result.Folder.FindingCount(FaultKind.Crash),7} | {result.Folder.FindingCount(FaultKind.Hang),5} | {result.Folder.FindingCount(FaultKind.Allocation),16} | {result.Folder.FindingCount(FaultKind.Message),8} |");
    }
}
