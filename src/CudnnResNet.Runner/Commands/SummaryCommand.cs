using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>Layers, shapes, parameters and multiply-adds of a network.</summary>
internal sealed class SummaryCommand() : RunnerCommand("summary", "Show a network's layers, shapes, parameters and multiply-adds",
    """
    summary --depth 32
    summary --model plain20 --json
    """,
    CommonSettings.Depth, CommonSettings.Arch, CommonSettings.Shortcut, CommonSettings.Model)
{
    protected override int Run(SettingReader settings, Report report)
    {
        var network = CommonSettings.Network(settings);
        var table = new TextTable(("layer", false), ("what", false), ("output", true), ("parameters", true), ("multiply-adds", true));
        foreach (var layer in network.Layers())
        {
            table.Add(layer.Name, layer.Kind, layer.Output.ToString(), Words.Count(layer.Parameters), Words.Count(layer.MultiplyAdds));
            report.Record("layer", new()
            {
                ["name"] = layer.Name,
                ["kind"] = layer.Kind,
                ["output"] = new JsonArray(layer.Output.C, layer.Output.H, layer.Output.W),
                ["parameters"] = layer.Parameters,
                ["multiply_adds"] = layer.MultiplyAdds,
            });
        }
        foreach (string line in table.Lines()) report.Line(line);
        report.Line();
        report.Result($"{network.Name}: {network.Depth} weighted layers, {Words.Count(network.ParameterCount)} parameters, {Words.Count(network.MultiplyAdds)} multiply-adds for one image");
        report.Record("network", new()
        {
            ["name"] = network.Name,
            ["depth"] = network.Depth,
            ["parameters"] = network.ParameterCount,
            ["multiply_adds"] = network.MultiplyAdds,
        });
        return ExitCode.Done;
    }
}
