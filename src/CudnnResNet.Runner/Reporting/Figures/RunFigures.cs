using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>The figures of a report, from its runs.</summary>
internal static class RunFigures
{
    /// <summary>All figures that the runs have numbers for; <see cref="Errors"/> is always the first.</summary>
    public static IReadOnlyList<Figure> All(IReadOnlyList<ReportRun> runs) =>
        [.. new[] { Errors(runs), LearningRate(runs), Loss(runs), Throughput(runs) }.OfType<Figure>()];

    /// <summary>Figure 6 of He et al. 2015: plain networks left, residual ones right; training error dashed, test error bold, 0 to 20 %.</summary>
    /// <param name="runs">At least one with an epoch.</param>
    public static Figure Errors(IReadOnlyList<ReportRun> runs)
    {
        string tested = runs.All(run => run.HasValidation) ? "error on images held back" : "test error";
        // The paper's axis, unless nothing at all would be seen on it.
        double least = runs.Min(run => run.Best!.TestError) * 100;
        double top = least <= 19 ? 20 : Math.Min(100, Math.Ceiling(least / 20 + 0.25) * 20);
        // Short enough for a phone, where one panel stands below the other.
        string title = runs.All(run => run.IsSynthetic) ? "Training on SYNTHETIC images, as figure 6 of the paper"
            : runs.Any(run => run.IsSynthetic) ? "Training on CIFAR-10 and SYNTHETIC images, as figure 6" : "Training on CIFAR-10, as figure 6 of He et al. 2015";
        return Create(runs, "figure6", title,
            $"Error in percent by iterations; dashed the training error, bold the {tested}.",
            max => new("error (%)", 0, top, Ticks.Round(0, top, 4)), [5, 10],
            [new(LineStyle.Bold, tested), new(LineStyle.Dashed, "training error")],
            (LineStyle.Dashed, epoch => epoch.TrainError * 100), (LineStyle.Bold, epoch => epoch.TestError * 100))!;
    }

    /// <summary>The learning rate of each epoch's last step; null where no run says it.</summary>
    public static Figure? LearningRate(IReadOnlyList<ReportRun> runs) =>
        Create(runs, "learning-rate", "Learning rate", "The learning rate of each epoch's last step, by iterations.", max => FromZero("learning rate", max), [],
            [new(LineStyle.Bold, "last step of each epoch")], (LineStyle.Bold, epoch => epoch.LearningRate));

    /// <summary>Cross-entropy; null where no run says it.</summary>
    public static Figure? Loss(IReadOnlyList<ReportRun> runs)
    {
        string training = runs.All(run => run.Origin == RunOrigin.RunFolder) ? "training" : "training (CSV files: last mini-batch)";
        return Create(runs, "loss", "Loss", "Mean cross-entropy in nats by iterations; dashed on the training images, bold on the test images.", max => FromZero("cross-entropy (nats)", max), [],
            [new(LineStyle.Bold, "test"), new(LineStyle.Dashed, training)],
            (LineStyle.Dashed, epoch => epoch.TrainLoss), (LineStyle.Bold, epoch => epoch.TestLoss));
    }

    /// <summary>Images that a second of training took; null where no run says it, as on an emulator.</summary>
    public static Figure? Throughput(IReadOnlyList<ReportRun> runs) =>
        Create(runs, "throughput", "Throughput of training", "Images per second in training, evaluation left out, for each epoch.", max => FromZero("images/s", max), [],
            [new(LineStyle.Bold, "training alone, mean of each epoch")], (LineStyle.Bold, epoch => epoch.ImagesPerSecond));

    /// <summary>A figure with a panel for plain and one for residual networks, as far as there are such runs.</summary>
    private static Figure? Create(IReadOnlyList<ReportRun> runs, string id, string title, string description, Func<double, Axis> y, IReadOnlyList<double> guides,
        IReadOnlyList<LineKey> keys, params (LineStyle Style, Func<ReportEpoch, double?> Value)[] series)
    {
        var drawn = runs.Where(run => run.Epochs.Any(epoch => series.Any(line => line.Value(epoch) is not null))).ToList();
        if (drawn.Count == 0) return null;
        var names = new CurveNames(drawn);
        long steps = drawn.Max(run => (long)run.PlannedEpochs * run.StepsPerEpoch);
        double unit = steps >= 5000 ? 1e4 : 1;
        var x = new Axis(unit == 1 ? "iterations" : "iterations (1e4)", 0, steps / unit, Ticks.Round(0, steps / unit, 6));
        double max = drawn.SelectMany(run => run.Epochs).SelectMany(epoch => series.Select(line => line.Value(epoch) ?? 0)).Where(double.IsFinite).DefaultIfEmpty().Max();
        var axis = y(max);
        var usedKeys = keys.Where(key => series.Any(line => line.Style == key.Style && drawn.Any(run => run.Epochs.Any(epoch => line.Value(epoch) is not null)))).ToList();
        var panels = new[] { Architecture.Plain, Architecture.ResNet }
            .Select(architecture => drawn.Where(run => run.Architecture == architecture).OrderBy(run => run.Depth).ToList())
            .Where(group => group.Count > 0)
            .Select(group => new Panel(group[0].Architecture == Architecture.Plain ? "plain networks" : "residual networks", x, Epochs(drawn, unit), axis, Curves(group), guides));
        return new(id, title, $"{description} {string.Join("; ", drawn.Select(Sentence))}.", names.Labels, usedKeys, [.. panels]);

        List<Curve> Curves(List<ReportRun> group) => [.. series.SelectMany(line => group.Select((run, i) => Curve(run, group.Take(i).Count(other => other.Depth == run.Depth), line.Style, line.Value))).Where(curve => curve.Points.Count > 0)];

        Curve Curve(ReportRun run, int before, LineStyle style, Func<ReportEpoch, double?> value)
        {
            // The bold curve carries the label; where a run has none, its dashed one does.
            bool labelled = style == series.Last(line => run.Epochs.Any(epoch => line.Value(epoch) is not null)).Style;
            var points = run.Epochs.Where(epoch => value(epoch) is not null).Select(epoch => new Point(run.StepsAfter(epoch.Epoch) / unit, value(epoch)!.Value)).ToList();
            string key = keys.First(key => key.Style == style).Text;
            return new($"{names[run]}: {key}", Palette.Of(run.Depth), Palette.MarkOf(Palette.Of(run.Depth), before), style, points, labelled ? names[run] + Beyond(points[^1].Y) : null);
        }

        // A curve that ends above the axis says where.
        string Beyond(double y) => y > axis.Max ? FormattableString.Invariant($": {y:F1}") : "";

        string Sentence(ReportRun run)
        {
            var last = series[^1].Value(run.Final!) ?? series[0].Value(run.Final!);
            return Words.Text($"{names[run]} ends at {last:0.####}");
        }
    }

    /// <summary>Epochs on top of the iterations, where all runs have the same number of steps in them.</summary>
    private static Axis? Epochs(List<ReportRun> runs, double unit)
    {
        int steps = runs[0].StepsPerEpoch, epochs = runs.Max(run => run.PlannedEpochs);
        if (runs.Any(run => run.StepsPerEpoch != steps)) return null;
        // The paper's drops of the rate at 32,000 and 48,000 iterations, and its end at 64,000.
        var ticks = steps == ReportRun.CifarStepsPerEpoch && epochs == RunRecipe.Paper.Epochs
            ? [new(82, "82"), new(123, "123"), new(164, "164")]
            : Ticks.Round(0, epochs, 4).Where(tick => tick.Value > 0 && tick.Value == Math.Floor(tick.Value));
        return new("epochs", 0, epochs * steps / unit, [.. ticks.Select(tick => tick with { Value = tick.Value * steps / unit })]);
    }

    private static Axis FromZero(string title, double max)
    {
        double top = Ticks.Above(max > 0 ? max * 1.02 : 1, 5);
        return new(title, 0, top, Ticks.Round(0, top, 5));
    }
}
