using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>Run folders and runs with made-up errors, written by what a real run writes them with.</summary>
internal static class ReportFixture
{
    /// <summary>The fast recipe on CIFAR-10.</summary>
    public static TrainOptions Fast { get; } = new() { Recipe = Recipe.Fast, Dataset = "cifar10", Device = "cpu" };

    /// <summary>The paper's recipe on CIFAR-10.</summary>
    public static TrainOptions Paper { get; } = new() { Recipe = Recipe.Paper, Dataset = "cifar10", Device = "cpu" };

    /// <summary>Writes a run folder.</summary>
    /// <param name="path">Made here.</param>
    /// <param name="options">As given; the effective ones are written.</param>
    /// <param name="testErrors">One for each epoch that is over, fractions.</param>
    /// <param name="imagesPerSecond">NaN for an emulator.</param>
    public static void Write(string path, TrainOptions options, IEnumerable<double> testErrors, double imagesPerSecond = 1000)
    {
        Directory.CreateDirectory(path);
        bool synthetic = options.Dataset == "synthetic";
        var plan = TrainingPlan.Create(options, (synthetic ? 10_000 : 50_000) - options.Validation, synthetic);
        File.WriteAllText(Path.Combine(path, "args.json"), plan.Effective(options).ToJson());
        var rows = testErrors.Select((error, epoch) => new SummaryRow(epoch, 1.5 / (epoch + 1), error / 2, error, 0.1, 2.0 / (epoch + 1), error, imagesPerSecond, 1, epoch + 1, "00").ToCsv());
        File.WriteAllText(Path.Combine(path, "summary.csv"), string.Concat(rows.Prepend(options.Validation > 0 ? SummaryRow.ValidationHeader : SummaryRow.Header).Select(row => row + "\n")));
    }

    /// <summary>Writes a run folder and reads it as a report does.</summary>
    public static ReportRun Read(TemporaryFolder folder, string name, TrainOptions options, IEnumerable<double> testErrors, double imagesPerSecond = 1000)
    {
        Write(folder[name], options, testErrors, imagesPerSecond);
        return RunReader.ReadFolder(folder[name]);
    }

    /// <summary>Errors that fall in a straight line from 50 % to a last one.</summary>
    public static IEnumerable<double> Falling(int epochs, double last) => Enumerable.Range(0, epochs).Select(epoch => epoch == epochs - 1 ? last : 0.5 + (last - 0.5) * epoch / (epochs - 1));
}
