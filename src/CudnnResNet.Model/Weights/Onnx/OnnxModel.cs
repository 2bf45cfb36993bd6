using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>A network as an ONNX model for inference: figure 3 of the paper, node by node.</summary>
internal sealed class OnnxModel(ArchitectureSpec architecture, StateDict state, OnnxOptions options, Normalization normalization)
{
    private readonly OnnxGraph graph = new(architecture.Name);

    /// <summary>The model's bytes.</summary>
    /// <param name="metadata">What it says about itself.</param>
    public byte[] Write(IReadOnlyDictionary<string, string> metadata)
    {
        const string input = "input", output = "logits";
        string x = options.IncludeNormalization ? Normalized(input) : input, shortcut = x;
        foreach (var unit in architecture.ConvNorms())
        {
            // A block is two units: the first reads what the shortcut of the second adds.
            if (unit.Shortcut == ShortcutKind.None) shortcut = x;
            x = ConvNorm(unit, x);
            if (unit.Shortcut != ShortcutKind.None) x = graph.Node("Add", $"{unit.Name}.add", [x, Shortcut(unit, shortcut)]);
            x = graph.Node("Relu", $"{unit.Name}.relu", [x]);
        }
        x = graph.Node("GlobalAveragePool", "pool", [x]);
        x = graph.Node("Flatten", "flatten", [x]);
        graph.Node("Gemm", output, [x, Constant("fc.weight"), Constant("fc.bias")], OnnxGraph.Integer("transB", 1));
        var shape = architecture.Input;
        return graph.Model((input, [null, shape.C, shape.H, shape.W]), (output, [null, architecture.Classes]), metadata);
    }

    // v (0..255) -> v / (255 std) - mean / std. It cannot be folded into the first convolution, whose zero padding comes after it.
    private string Normalized(string v)
    {
        var std = normalization.Std;
        var scale = Array.ConvertAll(std, value => (float)(1 / (255 * value)));
        string scaled = graph.Node("Mul", "normalize.scale", [v, graph.Constant("normalize.factor", scale, 1, 3, 1, 1)]);
        string shift = normalization.PixelMean is { } image
            ? graph.Constant("normalize.offset", Array.ConvertAll(image, value => -value), 1, 3, 32, 32)
            : graph.Constant("normalize.offset", [.. normalization.Mean.Select((mean, c) => (float)(-mean / std[c]))], 1, 3, 1, 1);
        return graph.Node("Add", "normalize", [scaled, shift]);
    }

    private string ConvNorm(ConvNormSpec unit, string x)
    {
        if (!options.Fold)
        {
            string z = Convolution(unit.Name, [x, Constant($"{unit.Name}.weight")], unit.Stride, padding: 1), norm = unit.NormName;
            return graph.Node("BatchNormalization", norm, [z, Constant($"{norm}.weight"), Constant($"{norm}.bias"), Constant($"{norm}.running_mean"), Constant($"{norm}.running_var")],
                OnnxGraph.Number("epsilon", (float)ConvNormSpec.Epsilon));
        }
        var (w, b) = Folded(unit);
        return Convolution(unit.Name, [x, graph.Constant($"{unit.Name}.weight", w, state[$"{unit.Name}.weight"].Shape), graph.Constant($"{unit.Name}.bias", b, b.Length)], unit.Stride, padding: 1);
    }

    private string Convolution(string name, string[] inputs, long stride, long padding) =>
        graph.Node("Conv", name, inputs, OnnxGraph.Integers("strides", stride, stride), OnnxGraph.Integers("pads", padding, padding, padding, padding));

    // s (N, C, 2H, 2W) -> (N, 2C, H, W), or s itself
    private string Shortcut(ConvNormSpec unit, string s)
    {
        if (unit.Shortcut == ShortcutKind.Identity) return s;
        int channels = unit.S.C, phases = unit.ShortcutPhases, before = unit.ShortcutOffset, after = unit.Y.C - before - phases * channels;
        string name = $"{unit.Name[..^".conv2".Length]}.shortcut";
        if (options.OptionA == OptionAForm.Convolution)
        {
            var identity = new float[unit.Y.C * channels * phases * phases]; // (2C, C, phases, phases)
            for (int p = 0; p < phases; p++)
                for (int c = 0; c < channels; c++)
                    identity[((before + p * channels + c) * channels + c) * phases * phases + p * phases + p] = 1;
            return Convolution(name, [s, graph.Constant($"{name}.weight", identity, unit.Y.C, channels, phases, phases)], stride: 2, padding: 0);
        }
        string[] slices = [.. Enumerable.Range(0, phases).Select(p => graph.Node("Slice", $"{name}.slice{p}",
            [s, graph.Constant($"{name}.starts{p}", p, p), graph.Constant($"{name}.ends{p}", int.MaxValue, int.MaxValue), graph.Constant($"{name}.axes{p}", 2, 3), graph.Constant($"{name}.steps{p}", 2, 2)]))];
        string y = slices.Length == 1 ? slices[0] : graph.Node("Concat", $"{name}.concat", slices, OnnxGraph.Integer("axis", 1));
        return before + after == 0 ? y : graph.Node("Pad", name, [y, graph.Constant($"{name}.pads", 0, before, 0, 0, 0, after, 0, 0)]);
    }

    private string Constant(string name) => graph.Constant(name, state[name].Values, state[name].Shape);

    /// <summary>w' = w g / sqrt(v + 1e-5) and b' = b - m g / sqrt(v + 1e-5) for each output channel, computed in double and rounded once.</summary>
    private (float[] W, float[] B) Folded(ConvNormSpec unit)
    {
        float[] w = state[$"{unit.Name}.weight"].Values, gamma = state[$"{unit.NormName}.weight"].Values, beta = state[$"{unit.NormName}.bias"].Values,
            mean = state[$"{unit.NormName}.running_mean"].Values, variance = state[$"{unit.NormName}.running_var"].Values;
        var (weights, bias) = (new float[w.Length], new float[gamma.Length]);
        int perChannel = w.Length / gamma.Length;
        for (int k = 0; k < gamma.Length; k++)
        {
            double factor = gamma[k] / Math.Sqrt(variance[k] + ConvNormSpec.Epsilon);
            bias[k] = (float)(beta[k] - mean[k] * factor);
            for (int i = k * perChannel; i < (k + 1) * perChannel; i++) weights[i] = (float)(w[i] * factor);
        }
        return (weights, bias);
    }
}
