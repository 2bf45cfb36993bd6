using System.Diagnostics;
using System.Globalization;

namespace CudnnResNet.Fuzz;

/// <summary>What fuzzing a target came to, all runs on its corpus together.</summary>
/// <param name="Target">The target.</param>
/// <param name="Executions">Files read in this run.</param>
/// <param name="Totals">Files read and time taken in all runs.</param>
/// <param name="Coverage">Lines of the reader's files that the corpus runs.</param>
/// <param name="Folder">The corpus.</param>
internal sealed record TargetResult(Target Target, long Executions, Totals Totals, LineCoverage Coverage, CorpusFolder Folder)
{
    /// <summary>Different bugs.</summary>
    public int Findings => Enum.GetValues<FaultKind>().Sum(Folder.FindingCount);
}

/// <summary>Fuzzes targets one after another, each in an instrumented process of its own, and measures what their inputs reach.</summary>
internal sealed class Campaign : IDisposable
{
    /// <summary>Deaths of the process after which a target is given up for this time.</summary>
    private const int MaxRestarts = 10;

    private readonly InstrumentedCopy edges = InstrumentedCopy.OfEdges(), lines = InstrumentedCopy.OfLines();

    /// <summary>Fuzzes.</summary>
    /// <param name="options">What the command line says.</param>
    /// <param name="report">Gets each target's result as soon as there is one.</param>
    /// <returns>Bugs found, in this run or before.</returns>
    public int Run(FuzzOptions options, Action<TargetResult> report)
    {
        var targets = Targets.AllTargets.Named(options.Target);
        int findings = 0;
        foreach (var target in targets)
        {
            var folder = new CorpusFolder(options.Corpus, target.Name);
            var (executions, seconds) = Fuzz(target, folder, options, options.Seconds / targets.Count);
            var result = new TargetResult(target, executions, folder.AddTotals(executions, seconds), Replay(target, folder, options), folder);
            findings += result.Findings;
            report(result);
        }
        return findings;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        edges.Dispose();
        lines.Dispose();
    }

    private (long Executions, double Seconds) Fuzz(Target target, CorpusFolder folder, FuzzOptions options, double? seconds)
    {
        using var work = new TemporaryFolder();
        using var journal = new Journal(work["journal"], target.MaxLength);
        var clock = Stopwatch.StartNew();
        for (int restarts = 0; restarts <= MaxRestarts; restarts++)
        {
            double left = seconds - clock.Elapsed.TotalSeconds ?? double.MaxValue;
            long executionsLeft = options.Executions - journal.Executions ?? long.MaxValue;
            if (left <= 0 || executionsLeft <= 0) break;
            var (code, errors) = ChildProcess.Run(edges.Path, target.Name, "--fuzz-here", "--corpus", options.Corpus, "--result", work["journal"],
                "--seed", Text(options.Seed + restarts), "--seconds", Text(Math.Min(left, 1e9)), "--executions", Text(executionsLeft));
            if (code == 0) break;
            if (journal.Executions == 0) throw new InvalidOperationException($"{target.Name}: {errors}");
            var kind = code == Watchdog.ExitCode ? FaultKind.Hang : FaultKind.Crash;
            folder.AddFinding(new(kind, $"exit code {code}: {errors.Trim().Split('\n')[0]}", errors), target.ToFile(journal.Input));
        }
        return (journal.Executions, clock.Elapsed.TotalSeconds);
    }

    private LineCoverage Replay(Target target, CorpusFolder folder, FuzzOptions options)
    {
        using var work = new TemporaryFolder();
        var (code, errors) = ChildProcess.Run(lines.Path, target.Name, "--replay-here", "--corpus", options.Corpus, "--result", work["map"]);
        if (code != 0) throw new InvalidOperationException($"{target.Name}: {errors}");
        var coverage = LineCoverage.Of(target, lines.Lines, File.ReadAllBytes(work["map"]));
        folder.WriteMissed(coverage);
        return coverage;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
