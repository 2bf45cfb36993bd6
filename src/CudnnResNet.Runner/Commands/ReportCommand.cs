using System.CommandLine;
using System.Text.Json.Nodes;
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
        var table = ResultTable.Create(runs);
        string folder = settings.Get(Output, "report");
        var inspections = Look(settings, runs, report);
        var written = ReportFiles.Write(runs, table, inspections.Networks, inspections.Notes, folder);

        WriteTable(table, report);
        foreach (string label in ReportLabels.Of(runs)) report.Result($"{"label",-10}{label}");
        report.Line();
        report.Line("reference project, computed from its curves:");
        foreach (string line in ReferenceSummary.Lines()) report.Line($"  {line}");
        report.Line();
        report.Field("wrote", $"{folder}: {string.Join(' ', written)}");
        WriteRecords(runs, table, folder, written, report);
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

    private static void WriteTable(ResultTable table, Report report)
    {
        var text = new TextTable([.. table.ShortTitles.Select((title, i) => (title, Right: i > 0 && title != "labels"))]);
        foreach (var row in table.Rows) text.Add([.. table.ShortTexts(row)]);
        foreach (string line in text.Lines()) report.Result(line);
        report.Result("");
        foreach (string letter in table.Letters) report.Result(letter);
        foreach (string note in ResultTable.Notes) report.Line(note);
        report.Line();
    }

    private static void WriteRecords(IReadOnlyList<ReportRun> runs, ResultTable table, string folder, IReadOnlyList<string> written, Report report)
    {
        foreach (var run in runs)
        {
            report.Record("run", new()
            {
                ["name"] = run.Name,
                ["network"] = run.Network,
                ["origin"] = run.Origin switch { RunOrigin.RunFolder => "run", RunOrigin.CsvFile => "csv", _ => "reference" },
                ["recipe"] = run.Recipe.Title,
                ["seed"] = run.Seed,
                ["epochs"] = run.Epochs.Count,
                ["epochs_planned"] = run.PlannedEpochs,
                ["final_err"] = run.Final?.TestError,
                ["best_err"] = run.Best?.TestError,
                ["best_epoch"] = run.Best?.Epoch,
                ["labels"] = Array(run.Labels),
            });
        }
        foreach (var row in table.Rows)
        {
            var groups = table.Groups.Zip(row.Cells).Where(pair => pair.Second is not null).Select(pair => Group(pair.First, pair.Second!));
            report.Record("row", new()
            {
                ["network"] = row.Network,
                ["paper_err"] = row.Paper?.Error,
                ["paper_read_off_figure"] = row.Paper?.ReadOffFigure,
                ["reference_best_err"] = row.Reference?.Best?.TestError,
                ["reference_final_err"] = row.Reference?.Final?.TestError,
                ["ours"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]),
            });
        }
        report.Record("reference", new()
        {
            ["best_accuracy"] = ReferenceSummary.BestAccuracy,
            ["plain20_minus_resnet20"] = ReferenceSummary.GainOfShortcuts,
            ["largest_distance_to_paper"] = ReferenceSummary.LargestDistance(Architecture.ResNet).Difference,
        });
        report.Record("report", new() { ["folder"] = Path.GetFullPath(folder), ["written"] = Array(written) });
    }

    private static JsonObject Group(ResultGroup group, ResultCell cell) => new JsonObject
    {
        ["title"] = group.Title,
        ["runs"] = cell.Runs.Count,
        ["final_err"] = cell.Final.Mean,
        ["final_err_sd"] = cell.Final.StandardDeviation,
        ["best_err"] = cell.Best.Mean,
        ["best_err_sd"] = cell.Best.StandardDeviation,
        ["labels"] = Array(cell.Labels),
    };

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
