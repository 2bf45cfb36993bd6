using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A run of seconds: ResNet-8 on a few dozen synthetic images.</summary>
internal static class TinyRun
{
    /// <summary>20 training images: three steps of 8, 8 and 4.</summary>
    public const int StepsPerEpoch = 3;

    public static DataSet Data { get; } = Synthetic.Create(trainCount: 20, testCount: 10);

    public static TrainOptions Options(TemporaryFolder folder) => new()
    {
        Depth = 8,
        Device = DeviceName,
        Dataset = "synthetic",
        Epochs = 2,
        BatchSize = 8,
        CheckpointEvery = 2,
        LogInterval = 1,
        Output = folder.Path,
        Name = "tiny",
    };

    /// <summary>Exact resumption needs a device that computes in float32.</summary>
    public static string DeviceName => "cpu";

    public static (TrainResult Result, string Folder) Train(TrainOptions options, Action<TrainProgress>? watch = null, CancellationToken cancellation = default)
    {
        using var trainer = Trainer.Start(options, Data);
        return (trainer.Run(new Watcher(watch ?? (_ => { })), cancellation), trainer.Folder.Path);
    }

    public static TrainResult Resume(string path, Action<TrainProgress>? watch = null, CancellationToken cancellation = default)
    {
        var folder = RunFolder.Open(path);
        using var trainer = Trainer.Resume(folder, folder.ReadOptions(), Data);
        return trainer.Run(new Watcher(watch ?? (_ => { })), cancellation);
    }

    /// <summary><c>summary.csv</c> without the columns of time.</summary>
    public static string[] SummaryWithoutTimes(string folder) => [.. File.ReadAllLines(Path.Combine(folder, "summary.csv")).Select(line =>
    {
        var fields = line.Split(',');
        return string.Join(',', fields.Where((_, i) => i is < 7 or 10));
    })];

    public sealed class Watcher(Action<TrainProgress> watch) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => watch(value);
    }
}
