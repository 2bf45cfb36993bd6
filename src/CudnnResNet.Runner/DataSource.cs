using CudnnResNet.Runner.Output;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner;

/// <summary>The data set of a command: found or downloaded, and told of.</summary>
internal static class DataSource
{
    /// <summary>How to get CIFAR-10, wherever it is missed.</summary>
    public static string HowToGet { get; } = $"{ProgramName.Typed} data download";

    /// <summary>Loads the data set and says what it is and, where it is not CIFAR-10, why.</summary>
    /// <exception cref="DataException">CIFAR-10 is wanted and cannot be had.</exception>
    public static DataSet Load(string dataset, string? folder, bool offline, Report report)
    {
        using var progress = new DownloadDisplay(report);
        var request = new DataRequest { DataSet = dataset, Folder = folder, Offline = offline, Progress = progress.Show };
        var located = dataset == Synthetic.Name && folder is null && TestHooks.SmallSynthetic() is { } small
            ? new LocatedData(small, [])
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
            report.Note($"CIFAR-10 is not here, so drawn images stand in for it; to get it: {HowToGet}");
            foreach (string reason in located.Reasons) report.Note($"tried {reason}");
        }
        else
        {
            // A folder that the user has named must not be passed over in silence.
            foreach (var place in located.Tried.Where(place => place.Name == DataLocator.FolderVariable && place.Folder is not null))
                report.Note($"passed over {place.Name}: {place.Problem}");
        }
        return data;
    }
}
