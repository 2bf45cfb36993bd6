using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>Writes a network in an open format, for other programs.</summary>
internal sealed class ExportCommand() : RunnerCommand("export", "Write a network as ONNX, or as .safetensors with the names of another project",
    """
    export --weights FILE --to net.onnx --include-normalization --fold
    export --weights FILE --to net.safetensors --keys reference
    """,
    CommonSettings.Weights, To, Fold, IncludeNormalization, Keys, WeightsSettings.Arch, WeightsSettings.Shortcut, WeightsSettings.Normalize, CommonSettings.Data, CommonSettings.Offline)
{
    private const string Onnx = ".onnx", SafeTensors = ".safetensors";

    private static readonly Setting<string> To = new("--to", "FILE", "The file to write: .onnx or .safetensors", ValueText.Text);
    private static readonly Flag Fold = new("--fold", ".onnx: multiply batch norm into the convolutions");
    private static readonly Flag IncludeNormalization = new("--include-normalization", ".onnx: take pixels of 0..255 instead of normalised images");
    private static readonly Setting<NamingScheme> Keys = new("--keys", "NAME", ".safetensors: own, reference or common names (default own)", ReadKeys);

    protected override int Run(SettingReader settings, Report report)
    {
        string path = settings.Require(CommonSettings.Weights, "runs/NAME/last.safetensors"), to = settings.Require(To, "FILE.onnx");
        string extension = OutputFile.Check(To.Name, to, Onnx, SafeTensors);
        bool onnx = extension == Onnx;
        foreach (Setting setting in (Setting[])(onnx ? [Keys] : [Fold, IncludeNormalization]))
        {
            if (setting is Flag flag ? settings.Has(flag) : settings.Given(setting)) throw new InvalidSettingException($"{setting.Name} does not go with --to {to}; it is for {(onnx ? SafeTensors : Onnx)}");
        }
        var scheme = settings.Get(Keys, NamingScheme.Own);
        var weights = WeightsSettings.Load(settings, path);
        var network = weights.Architecture;
        var normalization = WeightsSettings.NormalizationOf(settings, weights, () => WeightsSettings.ReadCifar10(settings, report));
        string form;
        if (onnx)
        {
            var options = new OnnxOptions { Fold = settings.Has(Fold), IncludeNormalization = settings.Has(IncludeNormalization) };
            OnnxFile.Save(to, network, normalization, weights.State, options, weights.Origin);
            form = $"ONNX opset 17, input (N, 3, 32, 32) {(options.IncludeNormalization ? "pixels of 0..255" : "normalised")}, output logits (N, 10){(options.Fold ? ", batch norm folded" : "")}";
        }
        else
        {
            WeightsFile.Save(to, network, normalization, weights.State, weights.Origin, scheme: scheme);
            form = $"safetensors, {NameOf(scheme)} names";
        }

        report.Field("network", $"{network.Name}, {Words.Count(network.ParameterCount)} parameters, {Words.Shortcut(network)}{normalization.Name} normalisation, {path}");
        foreach (string notice in weights.Notices) report.Note(notice);
        report.Result($"wrote {to}: {form}");
        report.Record("export", new()
        {
            ["network"] = network.Name,
            ["from"] = path,
            ["to"] = to,
            ["form"] = form,
            ["normalize"] = normalization.Name,
            ["weights_sha256"] = weights.State.Sha256(),
        });
        return ExitCode.Done;
    }

    private static NamingScheme ReadKeys(string text) =>
        Enum.GetValues<NamingScheme>().Where(scheme => NameOf(scheme) == text).Cast<NamingScheme?>().FirstOrDefault() ?? throw new FormatException("is not one of own, reference, common");

    private static string NameOf(NamingScheme scheme) => scheme switch
    {
        NamingScheme.Own => "own",
        NamingScheme.ReferenceProject => "reference",
        _ => "common",
    };
}
