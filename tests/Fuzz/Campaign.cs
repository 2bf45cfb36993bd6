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

/// <summary>Fuzzes targets one after another, each in instrumented processes of its own, and measures what their inputs reach.</summary>
/// <param name="options">What the command line says.</param>
internal sealed class Campaign(FuzzOptions options)
{
    /// <summary>Deaths of the process after which a target is given up for this time.</summary>
    private const int MaxRestarts = 10;

    /// <summary>Runs all of it.</summary>
    /// <param name="report">Gets each target's result as soon as there is one.</param>
    /// <returns>Bugs found, in this run or before.</returns>
    public int Run(Action<TargetResult> report)
    {
        var targets = Targets.AllTargets.Named(options.Target);
        using var edges = InstrumentedCopy.OfEdges();
        using var lines = InstrumentedCopy.OfLines();
        int findings = 0;
        foreach (var target in targets)
        {
            var folder = new CorpusFolder(options.Corpus, target.Name);
            var (executions, seconds) = Fuzz(target, folder, edges.Path, options.Seconds / targets.Count);
            var result = new TargetResult(target, executions, folder.AddTotals(executions, seconds), Replay(target, folder, lines), folder);
            findings += result.Findings;
            report(result);
        }
        return findings;
    }

    private (long Executions, double Seconds) Fuzz(Target target, CorpusFolder folder, string program, double? seconds)
    {
        using var work = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        using var journal = new Journal(work["journal"], target.MaxLength);
        for (int restarts = 0; restarts <= MaxRestarts; restarts++)
        {
            double left = seconds - clock.Elapsed.TotalSeconds ?? double.MaxValue;
            long executionsLeft = options.Executions - journal.Executions ?? long.MaxValue;
            if (left <= 0 || executionsLeft <= 0) break;
            var (code, errors) = ChildProcess.Run(program, target.Name, "--fuzz-here", "--corpus", options.Corpus, "--result", work["journal"],
                "--seed", Text(options.Seed + restarts), "--seconds", Text(Math.Min(left, 1e9)), "--executions", Text(executionsLeft));
            if (code == 0) break;
            if (code == ExitCode.NotStarted || journal.Executions == 0) throw new InvalidOperationException($"{target.Name}: {errors}");
            var kind = code == Watchdog.ExitCode ? FaultKind.Hang : FaultKind.Crash;
            folder.AddFinding(new(kind, $"exit code {code}: {FirstLine(errors)}", errors), target.ToFile(journal.Input));
        }
        return (journal.Executions, clock.Elapsed.TotalSeconds);
    }

    private LineCoverage Replay(Target target, CorpusFolder folder, InstrumentedCopy copy)
    {
        using var work = new TemporaryFolder();
        var (code, errors) = ChildProcess.Run(copy.Path, target.Name, "--replay-here", "--corpus", options.Corpus, "--result", work["map"]);
        if (code != 0) throw new InvalidOperationException($"{target.Name}: {errors}");
        var coverage = LineCoverage.Of(target, copy.Lines, File.ReadAllBytes(work["map"]));
        folder.WriteMissed(coverage);
        return coverage;
    }

    // ---- In the processes that are started ----

    /// <summary>Fuzzes in this process.</summary>
    public int FuzzHere()
    {
        var target = Targets.AllTargets.Named(options.Target).Single();
        using var journal = new Journal(options.Result!, target.MaxLength);
        using var loop = new FuzzLoop(target, new(options.Corpus, target.Name), journal, options.Seed);
        loop.Run(options.Executions!.Value, options.Seconds!.Value);
        return 0;
    }

    /// <summary>Reads every input of the corpus once and writes which lines were run.</summary>
    public int ReplayHere()
    {
        var run = CoverageMemory.Span;
        var all = new byte[run.Length];
        using var oracle = new Oracle(Oracle.Second);
        var target = Targets.AllTargets.Named(options.Target).Single();
        foreach (byte[] input in new CorpusFolder(options.Corpus, target.Name).Inputs())
        {
            byte[] file = target.ToFile(input);
            run.Clear();
            oracle.Judge(target.Reader, file);
            for (int i = 0; i < all.Length; i++) all[i] |= run[i];
        }
        File.WriteAllBytes(options.Result!, all);
        return 0;
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0];

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
