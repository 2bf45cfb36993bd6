using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Runner.Reproduction;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>Trains several networks one after another, and goes on where it stopped.</summary>
internal sealed class ReproduceCommand() : RunnerCommand("reproduce", "Train several networks and seeds, one after another; typed again it goes on",
    """
    reproduce --recipe fast
    reproduce --recipe paper --archs resnet --depths 20,56 --seeds 1,2,3
    reproduce --recipe paper --dry-run
    reproduce --study notes --seeds 1,2,3
    """,
    [Archs, Depths, Seeds, Study, DryRun, .. TrainSettings.ForSeveral])
{
    private static readonly Setting<IReadOnlyList<Architecture>> Archs = new("--archs", "NAME,NAME", "plain, resnet or both (default plain,resnet)", ValueText.ListOf(ValueText.OneOf<Architecture>()));
    private static readonly Setting<IReadOnlyList<int>> Depths = new("--depths", "N,N", "Weighted layers, each 6n+2 (default 20,32,44,56)", ValueText.ListOf(ValueText.Whole));
    private static readonly Setting<IReadOnlyList<ulong>> Seeds = new("--seeds", "N,N", "Seeds (default 1)", ValueText.ListOf(ValueText.Unsigned));
    private static readonly Setting<string> Study = new("--study", "notes", "Instead of networks: the comparisons of docs/notes.md, and their table", text => text == "notes" ? text : throw new FormatException("is not a study; there is notes"));
    private static readonly Flag DryRun = new("--dry-run", "Only say what would run, and how long it takes here");

    protected override int Run(SettingReader settings, Report report)
    {
        var common = TrainSettings.Read(settings) with { Name = null };
        bool study = settings.TryGet(Study, out _);
        if (study) RequireNoNetworks(settings);
        var seeds = settings.Get(Seeds, [1ul]).Select(seed => common with { Seed = seed }).ToList();
        List<TrainOptions> options = study ? [.. seeds.SelectMany(NotesStudy.Runs)] : Networks(settings, seeds);
        foreach (var run in options) run.Check();

        DeviceLine.Write(common.ToDevice(), report);
        var data = DataSource.Load(common.Dataset, common.Data, common.Offline, report);
        if (!report.Quiet) report.Note("timing a few steps of each network");
        var runs = PlannedRun.PlanAll(options, data);
        WritePlan(runs, report);
        if (settings.Has(DryRun)) return ExitCode.Done;
        var folders = new Dictionary<TrainOptions, string>();
        int exit = RunAll(runs, data, folders, report);
        if (exit is ExitCode.Done or ExitCode.Diverged) WriteReport(folders.Values, common, report);
        if (study && exit == ExitCode.Done) new StudyReport(data, folders).Write([.. seeds.SelectMany(NotesStudy.Comparisons)], report);
        return exit;
    }

    /// <summary>The shallow networks first, each plain one beside its residual one, and a whole set before the next seed.</summary>
    private static List<TrainOptions> Networks(SettingReader settings, IEnumerable<TrainOptions> seeds) =>
    [
        .. from common in seeds
           from depth in settings.Get(Depths, [20, 32, 44, 56])
           from arch in settings.Get(Archs, [Architecture.Plain, Architecture.ResNet])
           select common with { Arch = arch, Depth = depth },
    ];

    private static void RequireNoNetworks(SettingReader settings)
    {
        foreach (Setting setting in new Setting[] { Archs, Depths, CommonSettings.Shortcut, TrainSettings.Crop })
        {
            if (settings.Given(setting)) throw new InvalidSettingException($"{setting.Name} does not go with {Study.Name}, which trains 20-layer networks of its own");
        }
    }

    /// <param name="runs">Those that are done are passed over.</param>
    /// <param name="data">What they are trained on.</param>
    /// <param name="folders">Gets the folder of each run.</param>
    /// <param name="report">Where it is told.</param>
    private static int RunAll(IReadOnlyList<PlannedRun> runs, DataSet data, Dictionary<TrainOptions, string> folders, Report report)
    {
        int exit = ExitCode.Done;
        foreach (var (index, run) in runs.Index())
        {
            if (run.IsDone)
            {
                folders[run.Options] = run.Earlier!.Folder;
                continue;
            }
            report.Line();
            report.Result($"{"run",-10}{index + 1} of {runs.Count}");
            using var trainer = run.Open(data);
            folders[run.Options] = trainer.Folder.Path;
            try
            {
                int code = TrainingRun.Show(trainer, run.Options, data, report);
                if (code != ExitCode.Done)
                {
                    report.Note("the same command goes on here");
                    return code;
                }
            }
            catch (DivergedException error)
            {
                // The others can still be had; this one would diverge again.
                report.Note(error.Message);
                exit = ExitCode.Diverged;
            }
        }
        return exit;
    }

    /// <summary>The report over these runs, in the output folder.</summary>
    private static void WriteReport(IEnumerable<string> folders, TrainOptions common, Report report)
    {
        var runs = RunReader.Read(folders.Select(TrainEnd.Shown));
        if (runs.All(run => run.Epochs.Count == 0)) return;
        var inspections = new ReportInspections(common.ToDevice(), common.Data, report);
        foreach (var run in runs) inspections.Add(run);
        report.Line();
        ReportOutput.Write(runs, inspections, Path.Combine(common.Output, "report"), report);
    }

    private static void WritePlan(IReadOnlyList<PlannedRun> runs, Report report)
    {
        var table = new TextTable(("network", false), ("seed", true), ("recipe", false), ("state", false), ("takes here", true));
        foreach (var run in runs)
            table.Add(Network(run), Words.Text($"{run.Options.Seed}"), run.Plan.Recipe.ToString().ToLowerInvariant(), State(run), run.IsDone ? "-" : TimeInWords(run.Rest));
        report.Line();
        foreach (string line in table.Lines()) report.Line(line);
        var left = runs.Where(run => !run.IsDone).ToList();
        report.Line();
        report.Result(left.Count == 0
            ? $"{"plan",-10}all {runs.Count} runs are done"
            : $"{"plan",-10}{left.Count} of {runs.Count} runs to do, {TimeInWords(Total(left))} here where nothing else runs");
        report.Record("plan", new()
        {
            ["runs"] = new JsonArray([.. runs.Select(Values)]),
            ["seconds"] = Total(left)?.TotalSeconds,
        });
    }

    private static JsonObject Values(PlannedRun run) => new()
    {
        ["network"] = Network(run),
        ["seed"] = run.Options.Seed,
        ["recipe"] = run.Plan.Recipe.ToString().ToLowerInvariant(),
        ["steps"] = run.Plan.TotalSteps,
        ["steps_done"] = run.StepsDone,
        ["folder"] = run.Earlier?.Folder,
        ["seconds"] = run.IsDone ? 0 : run.Rest?.TotalSeconds,
    };

    // Without recipe and seed, which have columns of their own.
    private static string Network(PlannedRun run) => RunFolder.NetworkName(run.Options);

    private static string State(PlannedRun run) =>
        run.IsDone ? $"done, {TrainEnd.Shown(run.Earlier!.Folder)}"
        : run.Earlier is { } earlier ? $"goes on after step {Words.Count(earlier.StepsDone)} of {Words.Count(run.Plan.TotalSteps)}, {TrainEnd.Shown(earlier.Folder)}"
        : Words.Text($"new, {Words.Count(run.Plan.TotalSteps)} steps");

    private static TimeSpan? Total(IEnumerable<PlannedRun> runs) =>
        runs.Aggregate((TimeSpan?)TimeSpan.Zero, (sum, run) => sum + run.Rest);

    private static string TimeInWords(TimeSpan? time) => time is { } known ? $"about {Words.Time(known)}" : "no time, because an emulator is not hardware";
}
