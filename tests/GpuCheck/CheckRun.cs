using System.Text;
using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck;

/// <summary>The whole check: every stage in turn, and a report that is written anew after each.</summary>
internal sealed class CheckRun(CheckOptions options)
{
    // A process has to start in it, however little time there is.
    private const double LeastSeconds = 10;

    private readonly List<StageOutcome> outcomes = [];
    private readonly DateTime begun = DateTime.UtcNow;

    /// <summary>Runs the stages.</summary>
    /// <returns>0 where all passed, else 1.</returns>
    public int Run()
    {
        var subject = Subject.Find(options.Device);
        string path = Path.Combine(Directory.CreateDirectory(options.Output).FullName, $"{begun:yyyy-MM-dd}-{subject.Slug}.md");
        double seconds = options.Minutes * 60;
        foreach (var stage in Stages.All.Where(stage => options.Only.Count == 0 || options.Only.Contains(stage.Name)))
        {
            Console.WriteLine($"{stage.Title} …");
            outcomes.Add(StageProcess.Start(stage, options, Math.Max(LeastSeconds, stage.Share * seconds)));
            Console.WriteLine(FormattableString.Invariant($"  {Verdict(outcomes[^1])}, {outcomes[^1].Seconds:F1} s"));
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Report(subject))));
        }
        Console.WriteLine($"report: {path}");
        return outcomes.All(outcome => outcome.Passed) ? ExitCode.Passed : ExitCode.Failed;
    }

    private string Report(Subject subject)
    {
        var text = new StringBuilder();
        text.Append($"# {subject.Title}\n\n");
        text.Append(FormattableString.Invariant($"{begun:yyyy-MM-dd HH:mm} UTC, by `gpu-check --device {options.DeviceText} --minutes {options.Minutes}`; written after every stage.\n"));
        if (subject.Warning is { } warning) text.Append($"\n**{warning}**\n");
        text.Append("\n| stage | verdict | time |\n|---|---|---|\n");
        foreach (var outcome in outcomes) text.Append(FormattableString.Invariant($"| {outcome.Stage.Title} | {Verdict(outcome)} | {outcome.Seconds:F1} s |\n"));
        foreach (var outcome in outcomes) text.Append($"\n## {outcome.Stage.Title}\n\n{outcome.Text.Trim()}\n");
        return text.ToString();
    }

    private static string Verdict(StageOutcome outcome) => outcome.Passed ? "passed" : "**failed**";
}
