using System.Globalization;
using CudnnResNet.Runner.Output;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner;

/// <summary>The data set of a command: found or downloaded, and told of.</summary>
internal static class DataSource
{
    /// <summary>How to get CIFAR-10, wherever it is missed.</summary>
    public const string HowToGet = "dotnet run --project Runner -- data download";

    /// <summary>
    /// A test hook, not for users: <c>TRAIN,TEST</c> images make the synthetic set small enough for a test of the whole program.
    /// </summary>
    private const string TestSizeVariable = "CUDNNRESNET_TEST_SYNTHETIC";

    /// <summary>Loads the data set and says what it is and, where it is not CIFAR-10, why.</summary>
    /// <exception cref="DataException">CIFAR-10 is wanted and cannot be had.</exception>
    public static DataSet Load(string dataset, string? folder, bool offline, Report report)
    {
        using var progress = new DownloadDisplay(report);
        var request = new DataRequest { DataSet = dataset, Folder = folder, Offline = offline, Progress = progress.Show };
        var located = dataset == Synthetic.Name && folder is null && Environment.GetEnvironmentVariable(TestSizeVariable) is { Length: > 0 } size
            ? new LocatedData(SmallSynthetic(size), [])
            : DataLocator.LoadAsync(request).GetAwaiter().GetResult();
        progress.Dispose();

        var data = located.Data;
        string counts = $"{Words.Count(data.Train.Count)} training and {Words.Count(data.Test.Count)} test images";
        report.Field("data", data.IsSynthetic ? $"SYNTHETIC, {counts} drawn by this program; not CIFAR-10" : $"CIFAR-10, {counts}, {data.Source}");
        report.Record("data", new()
        {
            ["dataset"] = data.Name,
            ["synthetic"] = data.IsSynthetic,
            ["source"] = data.Source,
            ["train_images"] = data.Train.Count,
            ["test_images"] = data.Test.Count,
        });
        if (data.IsSynthetic && dataset != Synthetic.Name)
        {
            foreach (string reason in located.Tried) report.Note($"no CIFAR-10, {reason}");
        }
        return data;
    }

    private static DataSet SmallSynthetic(string size)
    {
        var counts = size.Split(',').Select(count => int.Parse(count, CultureInfo.InvariantCulture)).ToArray();
        return Synthetic.Create(counts[0], counts[1]);
    }
}
