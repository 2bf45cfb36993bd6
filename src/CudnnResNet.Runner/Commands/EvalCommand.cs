using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>The test error of a weights file.</summary>
internal sealed class EvalCommand() : RunnerCommand("eval", "Count the test images that a network gets wrong (without --weights: our own ResNet-20)",
    """
    eval
    eval --weights runs/NAME/last.safetensors
    eval --weights FILE.pt --arch plain --normalize imagenet
    eval --weights FILE.safetensors --batch-norm-statistics batch
    """,
    CommonSettings.Weights, WeightsSettings.Arch, WeightsSettings.Shortcut, WeightsSettings.Normalize, Statistics, Dataset, CommonSettings.Data, CommonSettings.Offline, CommonSettings.BatchSize, CommonSettings.Device, CommonSettings.Threads, CommonSettings.Precision, CommonSettings.NoGraph, CommonSettings.Profile, CommonSettings.Trace, CommonSettings.TraceSteps, CommonSettings.CudaProfilerRange)
{
    private static readonly Setting<BatchNormStatistics> Statistics = new("--batch-norm-statistics", "NAME", "running, or batch: each batch's own (default running)", ValueText.OneOf<BatchNormStatistics>());
    private static readonly Setting<string> Dataset = new("--dataset", "NAME", "cifar10 or synthetic (default: what the network was trained on)", ValueText.Text);

    protected override int Run(SettingReader settings, Report report) => TraceFile.Run(settings, report, trace => Evaluate(settings, report, trace));

    private static int Evaluate(SettingReader settings, Report report, TraceRecorder? trace)
    {
        string path = DefaultWeights.Of(settings);
        var statistics = settings.Get(Statistics, BatchNormStatistics.Running);
        var file = WeightsSettings.Load(settings, path);
        var device = CommonSettings.DeviceOf(settings);
        var captured = CommonSettings.CapturedSteps(settings);
        DeviceLine.Write(device, report, captured);
        var data = DataSource.Load(settings.Get(Dataset, file.Origin.Dataset ?? Cifar10.Name), settings.TryGet(CommonSettings.Data, out string folder) ? folder : null, settings.Has(CommonSettings.Offline), report);
        var normalization = WeightsSettings.NormalizationOf(settings, file, () => data);

        int batchSize = settings.Get(CommonSettings.BatchSize, 128);
        using var network = Evaluator.Open(file, data.Test, new()
        {
            Device = device,
            BatchSize = batchSize,
            InferenceStatistics = statistics,
            Normalization = normalization,
            Profile = settings.Has(CommonSettings.Profile),
            Trace = trace,
            CudaProfilerRange = captured,
        });
        report.Field("network", $"{file.Architecture.Name}, {Words.Count(file.Architecture.ParameterCount)} parameters, {normalization.Name} normalisation, {path}");
        foreach (string notice in file.Notices) report.Note(notice);
        if (normalization.Name == Normalization.Reference.Name) report.Note(NormalizationStatistics.ReferenceNotice);

        var evaluation = Evaluator.Run(network, data.Test);
        if (network.Options.Profile)
        {
            ProfileTable.Write(network, report);
            report.Line();
        }
        string ofBatches = statistics == BatchNormStatistics.Batch ? $", {OfBatches(data.Test.Count, batchSize)}" : "";
        report.Result(evaluation.Describe() + ofBatches + (data.IsSynthetic ? ", SYNTHETIC" : ""));
        double imagesPerSecond = network.IsEmulated ? double.NaN : evaluation.ImagesPerSecond;
        report.Field("speed", Words.Text($"{Words.SpeedInWords(imagesPerSecond)}, loss {evaluation.Loss:F4}"));
        report.Record("eval", new()
        {
            ["network"] = file.Architecture.Name,
            ["weights"] = path,
            ["dataset"] = data.Name,
            ["batch_norm_statistics"] = statistics.ToString().ToLowerInvariant(),
            ["batch_size"] = batchSize,
            ["images"] = evaluation.Images,
            ["wrong"] = evaluation.Wrong,
            ["test_err"] = evaluation.Error,
            ["test_loss"] = JsonLines.Number(evaluation.Loss),
            ["images_per_second"] = JsonLines.Number(imagesPerSecond),
        });
        return ExitCode.Done;
    }

    /// <summary>What the result depends on beside the weights: how many images a batch has.</summary>
    private static string OfBatches(int images, int batchSize)
    {
        string last = images > batchSize && Evaluator.LastBatch(images, batchSize) is [int rest] ? $", the last of {rest}" : "";
        return $"by the statistics of batches of {Math.Min(batchSize, images)}{last}";
    }
}
