namespace CudnnResNet.Runner.Reporting;

/// <summary>What a report's page shows.</summary>
internal sealed record PageContent
{
    /// <summary>The runs, in the order of their tables; at least one.</summary>
    public required IReadOnlyList<ReportRun> Runs { get; init; }

    /// <summary>The networks that were looked into.</summary>
    public IReadOnlyList<InspectedNetwork> Networks { get; init; } = [];

    /// <summary>What could not be shown, and why; a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How often a browser is to load the page again, while it is rewritten; null for a page that does not change any more.</summary>
    public int? RefreshSeconds { get; init; }

    /// <summary>When the page was written.</summary>
    public DateTimeOffset Written { get; init; } = DateTimeOffset.UtcNow;
}
