using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>What is told of trainings side by side.</summary>
internal static class AccuracyTables
{
    /// <summary>A side's latest epoch, and how much time each side has used up to here.</summary>
    /// <param name="run">The side whose turn is over.</param>
    /// <param name="runs">All of them.</param>
    /// <param name="epochs">Epochs of a whole training.</param>
    public static string Latest(TrainingRun run, IEnumerable<TrainingRun> runs, int epochs)
    {
        if (run.Problem is { } problem) return $"- {run.Side}: not measured any further: {problem}";
        var epoch = run.Epochs[^1];
        var (training, elapsed) = run.Epochs.Count > 1
            ? (epoch.TrainingSeconds - run.Epochs[^2].TrainingSeconds, epoch.ElapsedSeconds - run.Epochs[^2].ElapsedSeconds)
            : (epoch.TrainingSeconds, epoch.ElapsedSeconds);
        var totals = runs.Where(other => other.Epochs.Count > 0).Select(other => Words.Text($"{other.Side} {other.Epochs[^1].ElapsedSeconds:F1} s"));
        return Words.Text($"- epoch {epoch.Number}/{epochs}, {run.Side}: loss {epoch.TrainLoss:F4}, test accuracy {Percent(epoch)}, training {training:F1} s, with evaluation {elapsed:F1} s; so far {string.Join(", ", totals)}");
    }

    /// <summary>A line for each side, and how many times as long the others take as the first.</summary>
    /// <param name="runs">All sides.</param>
    /// <param name="wanted">The accuracy, 0..1.</param>
    public static IEnumerable<string> Summary(IReadOnlyList<TrainingRun> runs, double wanted)
    {
        string percent = Words.Text($"{wanted * 100:F0} %");
        var table = new TextTable(("side", false), ("epochs", true), ($"first at {percent}", true), ("after s", true), ("of it training", true), ("last accuracy", true), ("s in all", true), ("asleep, s", true));
        var remarks = new List<string>();
        foreach (var run in runs)
        {
            if (run.Problem is { } problem) remarks.Add($"{run.Side}: not measured any further: {problem}");
            if (run.Epochs.Count == 0) continue;
            var last = run.Epochs[^1];
            table.Add([run.Side, Words.Text($"{last.Number}"),
                .. run.FirstWith(wanted) is { } reached
                    ? (string[])[Words.Text($"epoch {reached.Number}"), Seconds(reached.ElapsedSeconds), Seconds(reached.TrainingSeconds)]
                    : ["not reached", "-", "-"],
                Percent(last), Seconds(last.ElapsedSeconds), Words.Text($"{run.SecondsUsedAsleep:F2}")]);
        }
        var ours = runs[0].FirstWith(wanted);
        foreach (var run in runs.Skip(1))
        {
            if (ours is not null && run.FirstWith(wanted) is { } theirs)
                remarks.Add(Words.Text($"to {percent}: {run.Side} takes {theirs.ElapsedSeconds / ours.ElapsedSeconds:F2} times as long as {runs[0].Side} ({theirs.TrainingSeconds / ours.TrainingSeconds:F2} times in training alone)"));
            if (CommonEpochs(runs[0], run) is { } both)
                remarks.Add(Words.Text($"to epoch {both.Ours.Number}: {run.Side} takes {both.Theirs.ElapsedSeconds / both.Ours.ElapsedSeconds:F2} times as long as {runs[0].Side} ({both.Theirs.TrainingSeconds / both.Ours.TrainingSeconds:F2} times in training alone)"));
        }
        remarks.AddRange(runs.Where(run => run.Version is not null).Select(run => $"{run.Side} is {run.Version}"));
        return table.Lines().Concat(remarks);
    }

    /// <summary>The last epoch that both have done.</summary>
    private static (Epoch Ours, Epoch Theirs)? CommonEpochs(TrainingRun ours, TrainingRun theirs)
    {
        int both = Math.Min(ours.Epochs.Count, theirs.Epochs.Count);
        return both == 0 ? null : (ours.Epochs[both - 1], theirs.Epochs[both - 1]);
    }

    private static string Percent(Epoch epoch) => Words.Text($"{(1 - epoch.TestError) * 100:F2} %");

    private static string Seconds(double seconds) => Words.Text($"{seconds:F1}");
}
