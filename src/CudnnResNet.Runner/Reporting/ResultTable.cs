using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A group of columns: runs trained in one way.</summary>
/// <param name="Title">The recipe, and whether data or device were not real: <c>fast</c>, <c>demo, SYNTHETIC</c>.</param>
/// <param name="Letter">Stands for the title where there is no room for it: <c>A</c>, <c>B</c>, …</param>
internal sealed record ResultGroup(string Title, string Letter);

/// <summary>The runs of one network and one group.</summary>
/// <param name="Final">Test error after the last epoch, fraction.</param>
/// <param name="Best">The smallest test error of any epoch, fraction.</param>
/// <param name="Runs">The runs that it was taken from.</param>
/// <param name="Labels">What must be said with the figures.</param>
internal sealed record ResultCell(Statistic Final, Statistic Best, IReadOnlyList<ReportRun> Runs, IReadOnlyList<string> Labels);

/// <summary>One network.</summary>
/// <param name="Network">As the paper writes it.</param>
/// <param name="Paper">The paper's error, or null.</param>
/// <param name="Reference">The reference project's run, or null.</param>
/// <param name="Cells">For each group what was run, or null.</param>
internal sealed record ResultRow(string Network, PaperResult? Paper, ReportRun? Reference, IReadOnlyList<ResultCell?> Cells);

/// <summary>
/// Paper, reference project and own runs side by side. Runs of different recipes, on drawn images or on an emulator have columns of their
/// own and are never averaged with others.
/// </summary>
internal sealed class ResultTable
{
    /// <summary>What the marks and words of every table mean.</summary>
    public static IReadOnlyList<string> Notes { get; } =
    [
        "Test error in %. paper: He et al. 2015; reference: a PyTorch reproduction, github.com/a-martyn/resnet.",
        "final: after the last epoch. best: the smallest of any epoch, which is a choice made on the test set.",
        "Several runs: mean ± standard deviation of the n runs.",
        "* read off figure 6 of the paper, which has no number for its plain networks.",
    ];

    private const int LongestShortTitle = 16;

    private ResultTable(IReadOnlyList<ResultGroup> groups, IReadOnlyList<ResultRow> rows)
    {
        Groups = groups;
        Rows = rows;
    }

    /// <summary>The groups of columns, in the order in which their first runs were given.</summary>
    public IReadOnlyList<ResultGroup> Groups { get; }

    /// <summary>The paper's networks in its order, then others.</summary>
    public IReadOnlyList<ResultRow> Rows { get; }

    /// <summary>The titles of the columns of <see cref="Texts"/>.</summary>
    public IReadOnlyList<string> Titles => TitlesWith(group => $"ours, {group.Title}"); // the recipe "paper" beside the column "paper"

    /// <summary>The titles of the columns of <see cref="ShortTexts"/>.</summary>
    public IReadOnlyList<string> ShortTitles => TitlesWith(ShortTitle);

    /// <summary>What the letters of the short titles stand for; empty where there are none.</summary>
    public IReadOnlyList<string> Letters => HasLetters ? [.. Groups.Select(group => $"{group.Letter}: {group.Title}")] : [];

    private bool HasLetters => Groups.Count > 1 || Groups.Any(group => group.Title.Length > LongestShortTitle);

    /// <summary>Sorts the runs into rows and groups. The reference project's own runs belong to its column.</summary>
    public static ResultTable Create(IReadOnlyList<ReportRun> runs)
    {
        var own = runs.Where(run => run.Origin != RunOrigin.ReferenceProject).ToList();
        var groups = own.Select(TitleOf).Distinct().Select((title, i) => new ResultGroup(title, i < 26 ? $"{(char)('A' + i)}" : $"{i + 1}")).ToList();
        var networks = PaperResults.Networks.Select(network => (network.Architecture, network.Depth, ShortcutPadding.Trailing))
            .Concat(own.Select(Network).OrderBy(network => network.Architecture == Architecture.ResNet).ThenBy(network => network.Depth).ThenBy(network => network.Shortcut))
            .Distinct();
        return new(groups, [.. networks.Select(network => Row(network, groups, own))]);
    }

    /// <summary>A row as texts: a cell for each title, <c>-</c> where nothing was run.</summary>
    public IReadOnlyList<string> Texts(ResultRow row) => TextsWith(row, group => group.Title);

    /// <summary>The same for a terminal, with letters instead of long titles.</summary>
    public IReadOnlyList<string> ShortTexts(ResultRow row) => TextsWith(row, ShortTitle);

    private string ShortTitle(ResultGroup group) => HasLetters ? group.Letter : group.Title;

    private IReadOnlyList<string> TitlesWith(Func<ResultGroup, string> title) =>
    [
        "network", "paper", "reference best (final)",
        .. Groups.SelectMany(group => new[] { $"{title(group)}: final", $"{title(group)}: best", "n" }),
        .. Groups.Count > 0 ? ["labels"] : Array.Empty<string>(),
    ];

    private IReadOnlyList<string> TextsWith(ResultRow row, Func<ResultGroup, string> title) =>
    [
        row.Network,
        row.Paper is { } paper ? Words.Text(paper.ReadOffFigure ? $"{paper.Error * 100:F1}*" : (FormattableString)$"{paper.Error * 100:F2}") : "-",
        row.Reference is { Best: { } best, Final: { } final } ? Words.Text($"{best.TestError * 100:F2} ({final.TestError * 100:F2})") : "-",
        .. row.Cells.SelectMany(cell => cell is null ? ["-", "-", "-"] : new[] { cell.Final.InPercent(), cell.Best.InPercent(), Words.Count(cell.Runs.Count) }),
        .. Groups.Count > 0 ? [LabelsOf(row, title)] : Array.Empty<string>(),
    ];

    private static (Architecture Architecture, int Depth, ShortcutPadding Shortcut) Network(ReportRun run) =>
        (run.Architecture, run.Depth, run.Architecture == Architecture.Plain ? ShortcutPadding.Trailing : run.Shortcut);

    private static string TitleOf(ReportRun run) => (run.Origin == RunOrigin.CsvFile ? run.HasValidation ? "CSV files, images held back" : "CSV files" : run.Recipe.Title) + (run.IsSynthetic ? ", SYNTHETIC" : "") + (run.IsEmulated ? ", EMULATED" : "");

    private static ResultRow Row((Architecture Architecture, int Depth, ShortcutPadding Shortcut) network, List<ResultGroup> groups, List<ReportRun> runs)
    {
        var cells = groups.Select(group => Cell(runs.Where(run => Network(run) == network && TitleOf(run) == group.Title).ToList())).ToList();
        // The reference project's networks have the shortcut that ours have by default.
        var reference = network.Shortcut == ShortcutPadding.Trailing ? ReferenceResults.Find(network.Architecture, network.Depth) : null;
        return new(ReportRun.NetworkName(network.Architecture, network.Depth, network.Shortcut), PaperResults.Find(network.Architecture, network.Depth), reference, cells);
    }

    /// <summary>The labels of all cells, by their groups where there are several.</summary>
    private string LabelsOf(ResultRow row, Func<ResultGroup, string> title)
    {
        bool several = row.Cells.Count(cell => cell is not null) > 1;
        return string.Join("; ", Groups.Zip(row.Cells).Where(pair => pair.Second is { Labels.Count: > 0 }).Select(pair => (several ? $"{title(pair.First)}: " : "") + string.Join(", ", pair.Second!.Labels)));
    }

    /// <summary>Of the runs that are over; where none is, of the one that is furthest.</summary>
    private static ResultCell? Cell(List<ReportRun> runs)
    {
        var begun = runs.Where(run => run.Epochs.Count > 0).ToList();
        if (begun.Count == 0) return null;
        var shown = begun.Where(run => !run.IsUnfinished).ToList();
        if (shown.Count == 0) shown = [begun.MaxBy(run => run.Epochs.Count)!];
        var labels = shown.SelectMany(run => run.Labels).Distinct().ToList();
        int left = runs.Count - shown.Count, seeds = shown.Select(run => run.Seed).Distinct().Count();
        if (left > 0) labels.Add($"{left} unfinished run{(left == 1 ? "" : "s")} left out");
        if (seeds < shown.Count) labels.Add($"{shown.Count} runs of {(seeds == 1 ? "one seed" : $"{seeds} seeds")}");
        return new(Statistic.Of([.. shown.Select(run => run.Final!.TestError)]), Statistic.Of([.. shown.Select(run => run.Best!.TestError)]), shown, labels);
    }
}
