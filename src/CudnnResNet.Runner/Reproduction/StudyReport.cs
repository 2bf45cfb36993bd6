using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reproduction;

/// <summary>What a study came to: for each comparison both errors, and how far they are apart.</summary>
/// <param name="data">The test images.</param>
/// <param name="folders">Where each training has been written.</param>
internal sealed class StudyReport(DataSet data, IReadOnlyDictionary<TrainOptions, string> folders)
{
    private readonly Dictionary<StudySide, double> errors = [];

    /// <summary>Evaluates the networks, whose trainings are all over, and writes one table.</summary>
    /// <param name="comparisons">Of all seeds; those of one name are averaged.</param>
    /// <param name="report">Where it is shown.</param>
    /// <exception cref="WeightsException">A run's weights are missing or damaged.</exception>
    public void Write(IReadOnlyList<StudyComparison> comparisons, Report report)
    {
        var table = new TextTable(("note", true), ("comparison", false), ("base", false), ("error %", true), ("varied", false), ("error %", true), ("difference, points", true), ("n", true));
        foreach (var group in comparisons.GroupBy(comparison => (comparison.Note, comparison.Name, Base: comparison.Base.Words, Varied: comparison.Varied.Words)))
        {
            double[] baseErrors = [.. group.Select(comparison => Error(comparison.Base))], varied = [.. group.Select(comparison => Error(comparison.Varied))];
            Statistic one = Statistic.Of(baseErrors), other = Statistic.Of(varied), difference = Statistic.Of([.. varied.Zip(baseErrors, (b, a) => b - a)]);
            table.Add(Words.Text($"{group.Key.Note}"), group.Key.Name, group.Key.Base, one.InPercent(), group.Key.Varied, other.InPercent(), (difference.Mean >= 0 ? "+" : "") + difference.InPercent(), Words.Count(one.Count));
            report.Record("comparison", new()
            {
                ["note"] = group.Key.Note,
                ["name"] = group.Key.Name,
                ["base"] = group.Key.Base,
                ["base_err"] = one.Mean,
                ["varied"] = group.Key.Varied,
                ["varied_err"] = other.Mean,
                ["difference"] = difference.Mean,
                ["difference_sd"] = difference.StandardDeviation,
                ["runs"] = one.Count,
                ["synthetic"] = data.IsSynthetic,
            });
        }
        report.Line();
        foreach (string line in table.Lines()) report.Result(line);
        report.Line("test error after the last epoch; docs/notes.md says what the comparisons ask");
        if (data.IsSynthetic) report.Result($"SYNTHETIC data: these figures say nothing about CIFAR-10. To get it: {DataSource.HowToGet}");
    }

    private double Error(StudySide side)
    {
        if (errors.TryGetValue(side, out double known)) return known;
        var file = WeightsFile.Load(Path.Combine(folders[side.Run], RunFolder.LastWeightsName));
        using var network = Evaluator.Open(file, data.Test, new()
        {
            Device = side.Run.ToDevice(),
            BatchSize = side.Run.BatchSize,
            Normalization = file.Normalization,
            InferenceStatistics = side.Statistics,
        });
        return errors[side] = Evaluator.Run(network, data.Test).Error;
    }
}
