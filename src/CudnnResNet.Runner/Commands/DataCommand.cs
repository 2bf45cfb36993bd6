using System.CommandLine;
using System.Text.Json.Nodes;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>Gets CIFAR-10 and checks it.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand() : base("data", "Download CIFAR-10, or check a copy of it")
    {
        Add(new DataDownloadCommand());
        Add(new DataVerifyCommand());
    }
}

/// <summary>Downloads and unpacks the official archive.</summary>
internal sealed class DataDownloadCommand() : RunnerCommand("download", "Download and unpack the official archive (170 MB); goes on where it broke off",
    """
    data download
    data download --data ~/cifar10
    """,
    CommonSettings.Data, Url)
{
    private static readonly Setting<string> Url = new("--url", "URL", "A mirror of cifar-10-binary.tar.gz (CUDNNRESNET_DATA_URL)", ValueText.Text);

    protected override int Run(SettingReader settings, Report report)
    {
        string folder = settings.TryGet(CommonSettings.Data, out string given)
            ? given
            : DataLocator.CacheFolder(new()) ?? throw new DataException($"no folder to download to: neither {DataLocator.CacheVariable} nor HOME is set; name one with --data");
        string? mirror = settings.TryGet(Url, out string url) ? url : Environment.GetEnvironmentVariable("CUDNNRESNET_DATA_URL");
        string target;
        using (var progress = new DownloadDisplay(report)) target = Cifar10Download.RunAsync(folder, TestHooks.Archive().WithMirror(mirror), progress.Show, CancellationToken.None).GetAwaiter().GetResult();
        report.Result($"CIFAR-10 is in {target}");
        report.Record("downloaded", new() { ["folder"] = target });
        string data = settings.Given(CommonSettings.Data) ? $" --data {folder}" : "";
        report.Field("next", $"{ProgramName.Typed} train{data}");
        return ExitCode.Done;
    }
}

/// <summary>Checks lengths, labels and class counts.</summary>
internal sealed class DataVerifyCommand() : RunnerCommand("verify", "Check a copy of CIFAR-10: lengths, labels, images of each class",
    """
    data verify
    data verify --data ./cifar-10-batches-bin
    """,
    CommonSettings.Data)
{
    protected override int Run(SettingReader settings, Report report)
    {
        var check = Cifar10Report.Create(settings.TryGet(CommonSettings.Data, out string folder) ? folder : FindFolder());
        report.Field("data", check.Folder);
        foreach (var file in check.Files)
        {
            report.Line($"  {file.Name,-18}{(file.Problem is null ? $"{Words.Count(file.PerClass.Sum())} images, sha-256 {file.Sha256![..16]}…" : "damaged")}");
            report.Record("file", new()
            {
                ["name"] = file.Name,
                ["sha256"] = file.Sha256,
                ["per_class"] = new JsonArray([.. file.PerClass.Select(count => JsonValue.Create(count))]),
                ["problem"] = file.Problem,
            });
        }
        if (!check.IsWhole) throw new DataException(string.Join("; ", check.Problems));
        report.Result($"CIFAR-10 in {check.Folder} is whole");
        report.Record("verified", new() { ["folder"] = check.Folder });
        return ExitCode.Done;
    }

    private static string FindFolder()
    {
        var places = DataLocator.Places(new());
        return places.FirstOrDefault(place => place.Problem is null)?.Folder
            ?? throw new DataException($"CIFAR-10 was not found; {string.Join("; ", places.Select(place => $"{place.Name}: {place.Problem}"))}; get it: {DataSource.HowToGet}");
    }
}
