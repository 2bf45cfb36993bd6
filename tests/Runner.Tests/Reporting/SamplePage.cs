using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>A page with everything on it: runs of several kinds, one of them with a hostile name, and a network that was looked into.</summary>
internal static class SamplePage
{
    /// <summary>What a run's name could try.</summary>
    public const string HostileName = "<script>alert('run')</script>\"><img src=x onerror=alert(1)>&amp;";

    private static readonly Lazy<InspectedNetwork> Looked = new(Look);

    /// <summary>ResNet-8 with initial weights, over drawn images.</summary>
    public static InspectedNetwork Network => Looked.Value;

    /// <summary>Our own two runs, one of them unfinished, beside the reference project's.</summary>
    public static IReadOnlyList<ReportRun> Runs { get; } =
    [
        Run("resnet20-paper-seed1", Architecture.ResNet, 20, epochs: 164),
        Run(HostileName, Architecture.Plain, 32, epochs: 60) with { IsSynthetic = true },
    ];

    /// <summary>The page of these runs and this network.</summary>
    public static PageContent Content => new() { Runs = Runs, Networks = [Network with { Name = HostileName }], Notes = [HostileName] };

    /// <summary>A run with the errors of the reference project's network, as far as it goes.</summary>
    public static ReportRun Run(string name, Architecture architecture, int depth, int epochs) => ReferenceResults.Find(architecture, depth)! with
    {
        Name = name,
        Source = $"runs/{name}",
        Origin = RunOrigin.RunFolder,
        Seed = 1,
        Epochs = [.. ReferenceResults.Find(architecture, depth)!.Epochs.Take(epochs).Select(epoch => epoch with { TrainLoss = epoch.TrainError * 3, LearningRate = epoch.Epoch < 82 ? 0.1 : 0.01, ImagesPerSecond = 1000 })],
    };

    private static InspectedNetwork Look()
    {
        var data = Synthetic.Create(trainCount: 40, testCount: 60);
        using var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = DeviceOptions.Parse("cpu"), BatchSize = 32, Training = false });
        return NetworkInspector.Look(network, "tiny", ["SYNTHETIC"], new TrainOptions { Depth = 8 }, data);
    }
}
