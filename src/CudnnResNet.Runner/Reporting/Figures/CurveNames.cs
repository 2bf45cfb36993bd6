namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>What the runs of a figure are called in it, and what has to be said about them.</summary>
internal sealed class CurveNames
{
    private readonly Dictionary<ReportRun, string> names = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds names that differ.</summary>
    public CurveNames(IReadOnlyList<ReportRun> runs)
    {
        Name(runs, [run => run.Network, run => run.Recipe.Title, run => run.Seed is { } seed ? $"seed {seed}" : ""]);
        // What is left has network, recipe and seed in common.
        foreach (var same in names.GroupBy(pair => pair.Value, pair => pair.Key).Where(group => group.Count() > 1).ToList())
        {
            bool differ = same.Select(run => run.Name).Distinct().Count() == same.Count();
            foreach (var run in same) names[run] = differ ? run.Name : run.Source;
        }
        Labels = [.. FindLabels(runs)];
    }

    /// <summary>What has to be said in the picture: first what holds for all of its runs, then what holds for some, with their names.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The network, and as much of recipe, seed and run name as tells the runs apart.</summary>
    public string this[ReportRun run] => names[run];

    private void Name(IReadOnlyList<ReportRun> runs, IReadOnlyList<Func<ReportRun, string>> parts, string before = "")
    {
        foreach (var group in runs.GroupBy(parts[0]))
        {
            string name = before.Length > 0 && group.Key.Length > 0 ? $"{before}, {group.Key}" : before + group.Key;
            var rest = parts.Skip(1);
            // What all of the group have in common says nothing.
            while (group.Count() > 1 && rest.Any() && group.Select(rest.First()).Distinct().Count() == 1) rest = rest.Skip(1);
            if (group.Count() > 1 && rest.Any()) Name([.. group], [.. rest], name);
            else foreach (var run in group) names[run] = name;
        }
    }

    private IEnumerable<string> FindLabels(IReadOnlyList<ReportRun> runs)
    {
        foreach (var label in runs.SelectMany(run => run.Labels.Select(text => (Text: text, Run: run))).GroupBy(pair => pair.Text).OrderByDescending(group => group.Count()))
            yield return label.Count() == runs.Count ? label.Key : $"{label.Key} ({string.Join("; ", label.Select(pair => this[pair.Run]))})";
        if (runs.All(run => run.Origin == RunOrigin.ReferenceProject)) yield return "the reference project's curves, not our own runs";
        else if (runs.Any(run => run.Origin == RunOrigin.ReferenceProject)) yield return $"the reference project's: {string.Join("; ", runs.Where(run => run.Origin == RunOrigin.ReferenceProject).Select(run => this[run]))}";
    }
}
