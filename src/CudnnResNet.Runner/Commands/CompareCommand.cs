using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>Every layer, forward and backward, on a device and on Reference from equal inputs.</summary>
internal sealed class CompareCommand() : RunnerCommand("compare", "Compare every layer by itself, from equal inputs, with the double-precision reference; loss and logits from the images on",
    """
    compare --device cpu --depth 32
    compare --weights runs/NAME/last.safetensors --dump F.safetensors
    """,
    CommonSettings.Device, CommonSettings.Threads, CommonSettings.Precision, CommonSettings.Depth, CommonSettings.Arch, CommonSettings.Shortcut, CommonSettings.Model, CommonSettings.Weights, Batch, CommonSettings.Seed, Dump)
{
    private static readonly Setting<int> Batch = new("--batch", "N", "Images to compare with (default 4)", ValueText.Whole, "-b", "--batch-size");
    private static readonly Setting<string> Dump = new("--dump", "FILE", "Write every compared tensor to this safetensors file", ValueText.Text);

    protected override int Run(SettingReader settings, Report report)
    {
        var weights = settings.TryGet(CommonSettings.Weights, out string path) ? LoadWeights(path, settings) : null;
        var architecture = weights?.Architecture ?? CommonSettings.Network(settings);
        var options = new LayerComparisonOptions
        {
            Architecture = architecture,
            Device = CommonSettings.DeviceOf(settings),
            BatchSize = settings.Get(Batch, 4),
            Seed = settings.Get(CommonSettings.Seed, 1UL),
            Weights = weights?.State,
            KeepTensors = settings.Given(Dump),
        };
        DeviceLine.Write(options.Device, report);
        report.Field("network", $"{architecture.Name}, {(weights is null ? $"initial weights of seed {options.Seed}" : path)}, {options.BatchSize} images of noise");
        foreach (string notice in weights?.Notices ?? []) report.Note(notice);

        for (int i = 0; i < ComparisonTable.Explanation.Count; i++) report.Field(i == 0 ? "compared" : "", ComparisonTable.Explanation[i]);
        var comparison = LayerComparison.Run(options);
        report.Line();
        foreach (string line in ComparisonTable.Lines(comparison)) report.Line(line);
        report.Line();
        foreach (var row in comparison.Rows) Record(row, report);
        if (settings.TryGet(Dump, out string dump))
        {
            AtomicFile.Write(dump, stream => SafeTensors.Write(stream, comparison.Tensors, new Dictionary<string, string> { ["network"] = architecture.Name }));
            report.Field("wrote", dump);
        }
        report.Result(ComparisonTable.Summary(comparison));
        report.Record("compare", new()
        {
            ["network"] = architecture.Name,
            ["passed"] = comparison.Passed,
            ["rows"] = comparison.Rows.Count,
            ["device_loss"] = JsonLines.Number(comparison.DeviceLoss),
            ["reference_loss"] = JsonLines.Number(comparison.ReferenceLoss),
            ["logits_relative_l2"] = JsonLines.Number(comparison.Logits.RelativeL2),
        });
        return comparison.Passed ? ExitCode.Done : ExitCode.Failed;
    }

    private static WeightsFile LoadWeights(string path, SettingReader settings)
    {
        var file = WeightsFile.Load(path, new()
        {
            Architecture = settings.TryGet(CommonSettings.Arch, out var arch) ? arch : null,
            Shortcut = settings.TryGet(CommonSettings.Shortcut, out var shortcut) ? shortcut : null,
        });
        if (settings.Given(CommonSettings.Depth) || settings.Given(CommonSettings.Model)) file.Require(CommonSettings.Network(settings));
        return file;
    }

    private static void Record(LayerComparisonRow row, Report report)
    {
        foreach (var tensor in row.Tensors)
        {
            report.Record("layer", new()
            {
                ["layer"] = row.Layer,
                ["tensor"] = tensor.Tensor,
                ["max_abs"] = JsonLines.Number(tensor.Difference.MaxAbs),
                ["relative_l2"] = JsonLines.Number(tensor.Difference.RelativeL2),
                ["max_by_rms"] = JsonLines.Number(tensor.Difference.MaxByRms),
                ["tolerance"] = LayerComparison.Tolerance,
                ["passed"] = tensor.Passed,
            });
        }
        report.Record("relu", new() { ["layer"] = row.Layer, ["kinks"] = row.Kinks, ["most_kinks"] = row.MostKinks, ["passed"] = row.Kinks <= row.MostKinks });
    }
}
