using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>Turns weights of other projects into this engine's format, with what they do not say about themselves.</summary>
internal sealed class ImportCommand() : RunnerCommand("import", "Convert weights of PyTorch to .safetensors with all that is needed to use them",
    """
    import resnet20.th --to resnet20.safetensors
    import plain.pt --to plain.safetensors --arch plain
    """,
    From, To, WeightsSettings.Arch, WeightsSettings.Shortcut, WeightsSettings.Normalize, CommonSettings.Data, CommonSettings.Offline)
{
    private static readonly Argument<string[]> From = new("FILE") { Arity = ArgumentArity.OneOrMore, Description = "PyTorch's .pt, .pth, .th, or .safetensors; nothing in it is executed" };
    private static readonly Setting<string> To = new("--to", "FILE", "The file to write: .safetensors", ValueText.Text);

    protected override int Run(SettingReader settings, Report report)
    {
        string[] files = settings.Values(From);
        if (files.Length > 1) throw new InvalidSettingException($"unexpected argument '{files[1]}'; import takes one file");
        string path = files[0], to = settings.Require(To, "FILE.safetensors");
        OutputFile.Check(To.Name, to, ".safetensors");
        var weights = WeightsSettings.Load(settings, path);
        var normalization = WeightsSettings.NormalizationOf(settings, weights, () => WeightsSettings.ReadCifar10(settings, report));
        WeightsFile.Save(to, weights.Architecture, normalization, weights.State, weights.Origin);

        var network = weights.Architecture;
        report.Field("network", $"{network.Name}, {Words.Count(network.ParameterCount)} parameters, {Words.Shortcut(network)}{normalization.Name} normalisation, {path}");
        foreach (string notice in weights.Notices) report.Note(notice);
        report.Field("weights", $"sha-256 {weights.State.Sha256()}");
        report.Result($"wrote {to}");
        report.Record("import", new()
        {
            ["network"] = network.Name,
            ["from"] = path,
            ["to"] = to,
            ["normalize"] = normalization.Name,
            ["weights_sha256"] = weights.State.Sha256(),
        });
        report.Field("next", $"dotnet run --project Runner -- eval --weights {to}");
        return ExitCode.Done;
    }
}
