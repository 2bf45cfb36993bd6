using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>Tables and curves of runs, beside the paper and the reference project.</summary>
internal sealed class ReportCommand : RunnerCommand
{
    private static readonly Setting<string> Output = new("--output", "DIR", "Where the report's files are written (default report)", ValueText.Text, "-o");

    private static readonly Setting<string> Weights = new("--weights", "FILE", "Show what this network sees too, as of runs that have their weights", ValueText.Text);

    private static readonly Setting[] ForWeights = [WeightsSettings.Arch, WeightsSettings.Shortcut, WeightsSettings.Normalize];

    private readonly Argument<string[]> paths;

    public ReportCommand() : base("report", "Draw figure 6 of the paper, other curves and a table from runs, beside paper and reference project",
        """
        report runs/NAME
        report results/fast --output report
        report resnet20.csv plainnet20.csv
        report
        report --weights FILE.safetensors --data DIR
        """,
        [Output, Weights, .. ForWeights, CommonSettings.Data, CommonSettings.Device, CommonSettings.Threads])
    {
        paths = new("RUN") { Arity = ArgumentArity.ZeroOrMore, Description = "Run folders, folders of them, CSV files (default: the reference project's curves)" };
        Add(paths);
    }

    protected override int Run(SettingReader settings, Report report)
    {
        var given = settings.Values(paths);
        var runs = given.Length > 0 ? RunReader.Read(given) : ReferenceResults.Runs;
        if (runs.All(run => run.Epochs.Count == 0)) throw new RunFileException($"{string.Join(", ", given)}: no epoch is over yet, so there is nothing to draw");
        ReportOutput.Write(runs, Look(settings, runs, report), settings.Get(Output, "report"), report);
        return ExitCode.Done;
    }

    private static ReportInspections Look(SettingReader settings, IReadOnlyList<ReportRun> runs, Report report)
    {
        var inspections = new ReportInspections(CommonSettings.DeviceOf(settings), settings.TryGet(CommonSettings.Data, out string folder) ? folder : null, report);
        foreach (var run in runs) inspections.Add(run);
        if (settings.TryGet(Weights, out string weights))
        {
            var file = WeightsSettings.Load(settings, weights);
            inspections.Add(file, data => WeightsSettings.NormalizationOf(settings, file, () => data));
        }
        else if (ForWeights.FirstOrDefault(settings.Given) is { } alone) throw new InvalidSettingException($"{alone.Name} says what the network of --weights is, and there is no --weights");
        return inspections;
    }
}
