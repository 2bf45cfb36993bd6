using System.Text.Json.Nodes;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>Which kernel convolves where, a line for each kind of layer: six for every network.</summary>
internal static class KernelLines
{
    /// <summary>Writes the lines.</summary>
    /// <returns>The same for programs.</returns>
    public static JsonArray Write(ResNet network, Report report)
    {
        var kernels = network.Ops().Where(op => op.Direction == Direction.Forward).ToDictionary(op => op.Name, op => op.Kernel);
        var kinds = network.Architecture.Layers().Where(layer => kernels[layer.Name] is not null)
            .GroupBy(layer => (layer.Input, layer.Output, Kernel: kernels[layer.Name]));
        var records = new JsonArray();
        string name = "kernels";
        foreach (var kind in kinds)
        {
            var ((input, output, kernel), layers) = (kind.Key, kind.Count());
            report.Field(name, $"{input,-8} to {output,-8}  {kernel} ({layers} {(layers == 1 ? "layer" : "layers")})");
            name = "";
            records.Add((JsonNode)new JsonObject { ["input"] = input.ToString(), ["output"] = output.ToString(), ["layers"] = layers, ["kernel"] = kernel });
        }
        return records;
    }
}
