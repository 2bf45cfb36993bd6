using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Writes a report's files, and tells its table on the terminal and to programs.</summary>
internal static class ReportOutput
{
    /// <summary>Writes and tells everything.</summary>
    /// <param name="runs">At least one with an epoch.</param>
    /// <param name="inspections">Of their networks.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="report">Where it is told.</param>
    /// <exception cref="Training.RunFolderException">The folder cannot be made or written.</exception>
    public static void Write(IReadOnlyList<ReportRun> runs, ReportInspections inspections, string folder, Report report)
    {
        var table = ResultTable.Create(runs);
        var written = ReportFiles.Write(runs, table, inspections.Networks, inspections.Notes, folder);
        WriteTable(table, report);
        foreach (string label in ReportLabels.Of(runs)) report.Result($"{"label",-10}{label}");
        report.Line();
        report.Line("reference project, computed from its curves:");
        foreach (string line in ReferenceSummary.Lines()) report.Line($"  {line}");
        report.Line();
        report.Field("wrote", $"{folder}: {string.Join(' ', written)}");
        WriteRecords(runs, table, folder, written, report);
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
