using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>
/// The curves of the reference project (a PyTorch reproduction, github.com/a-martyn/resnet, <c>results/*.csv</c>): the errors of eight
/// networks after each of 164 epochs. Training errors in evaluation mode over augmented images.
/// </summary>
internal static class ReferenceResults
{
    private static readonly Lazy<IReadOnlyList<ReportRun>> Loaded = new(Load);

    /// <summary>Its eight runs: plain and residual, 20, 32, 44 and 56 layers.</summary>
    public static IReadOnlyList<ReportRun> Runs => Loaded.Value;

    /// <summary>Its run of a network, or null where it has none.</summary>
    public static ReportRun? Find(Architecture architecture, int depth) => Runs.FirstOrDefault(run => run.Architecture == architecture && run.Depth == depth);

    /// <summary>Whether these errors are those that it has published for the network.</summary>
    public static bool AreOf(Architecture architecture, int depth, IReadOnlyList<ReportEpoch> epochs) =>
        Find(architecture, depth) is { } run && run.Epochs.Select(Errors).SequenceEqual(epochs.Select(Errors));

    private static (double Train, double Test) Errors(ReportEpoch epoch) => (epoch.TrainError, epoch.TestError);

    private static List<ReportRun> Load()
    {
        using var stream = typeof(ReferenceResults).Assembly.GetManifestResourceStream("ReferenceResults.csv")!;
        using var reader = new StreamReader(stream);
        string[] names = reader.ReadLine()!.Split(',');
        var rows = new List<double[]>();
        while (reader.ReadLine() is { } line) rows.Add([.. line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))]);

        var runs = new List<ReportRun>();
        // Two columns a network, after the epoch's: its training error, its test error.
        for (int column = 1; column < names.Length; column += 2)
        {
            string network = names[column][..names[column].IndexOf('_', StringComparison.Ordinal)];
            var (architecture, depth) = NetworkFileName.Read(network)!.Value;
            runs.Add(new()
            {
                Name = network,
                Source = "reference project",
                Origin = RunOrigin.ReferenceProject,
                Architecture = architecture,
                Depth = depth,
                Recipe = RunRecipe.Paper,
                Epochs = [.. rows.Select((row, epoch) => new ReportEpoch(epoch, TrainError: row[column], TestError: row[column + 1]))],
                PlannedEpochs = rows.Count,
                PlannedSteps = rows.Count * (long)ReportRun.CifarStepsPerEpoch,
            });
        }
        return runs;
    }
}
