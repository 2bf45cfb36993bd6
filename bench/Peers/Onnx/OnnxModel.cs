using CudnnResNet.Model;

namespace CudnnResNet.Peers.Onnx;

/// <summary>How the model writes a shortcut that doubles the channels.</summary>
internal enum OptionAForm
{
    /// <summary>Every second pixel, then zero channels: Slice and Pad.</summary>
    SliceAndPad,

    /// <summary>A 1x1 convolution of stride 2 whose weights are an identity above zeros: more arithmetic, but a form that runtimes have fast code for.</summary>
    Convolution,
}

/// <summary>A network as an ONNX model (opset 17) for inference, every batch norm folded into the convolution before it.</summary>
/// <remarks>Input <c>input</c> (N, 3, 32, 32), normalised; output <c>logits</c> (N, 10); N is free.</remarks>
internal static class OnnxModel
{
    private const double Epsilon = 1e-5;

    /// <summary>Writes the model.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="state">Its parameters and running statistics.</param>
    /// <param name="optionA">The form of the shortcuts.</param>
    public static byte[] Create(ArchitectureSpec architecture, StateDict state, OptionAForm optionA)
    {
        const string input = "input", output = "logits";
        var graph = new OnnxGraph(architecture.Name);
        string x = Relu(ConvNorm("conv1", "bn1", input, stride: 1));
        int channels = 16;
        for (int stage = 1; stage <= 3; stage++)
        {
            for (int block = 0; block < architecture.BlocksPerStage; block++)
            {
                string name = $"layer{stage}.{block}", shortcut = x;
                bool downsamples = stage > 1 && block == 0;
                x = Relu(ConvNorm($"{name}.conv1", $"{name}.bn1", x, downsamples ? 2 : 1));
                x = ConvNorm($"{name}.conv2", $"{name}.bn2", x, stride: 1);
                if (architecture.Architecture == Architecture.ResNet)
                {
                    if (downsamples) shortcut = OptionA($"{name}.shortcut", shortcut);
                    x = graph.Node("Add", $"{name}.add", [x, shortcut], []);
                }
                if (downsamples) channels *= 2;
                x = Relu(x);
            }
        }
        x = graph.Node("GlobalAveragePool", "pool", [x], []);
        x = graph.Node("Flatten", "flatten", [x], []);
        var (w, b) = (state["fc.weight"], state["fc.bias"]);
        graph.Node("Gemm", output, [x, graph.Constant(w.Name, w.Values, w.Shape[0], w.Shape[1]), graph.Constant(b.Name, b.Values, b.Values.Length)], [("transB", [1])], "transB");
        return graph.Model((input, [null, 3, 32, 32]), (output, [null, architecture.Classes]));

        string Relu(string z) => graph.Node("Relu", $"{z}.relu", [z], []);

        string ConvNorm(string conv, string norm, string from, long stride)
        {
            var (weights, bias) = Fold(state, conv, norm);
            int[] shape = state[$"{conv}.weight"].Shape;
            return Convolution(conv, [from, graph.Constant($"{conv}.w", weights, shape[0], shape[1], 3, 3), graph.Constant($"{conv}.b", bias, bias.Length)], stride, padding: 1);
        }

        string Convolution(string name, string[] inputs, long stride, long padding) =>
            graph.Node("Conv", name, inputs, [("strides", [stride, stride]), ("pads", [padding, padding, padding, padding])]);

        // x (N, C, H, W) -> (N, 2C, H/2, W/2)
        string OptionA(string name, string from)
        {
            int before = architecture.Shortcut == ShortcutPadding.Centred ? channels / 2 : 0, after = channels - before;
            if (optionA == OptionAForm.Convolution)
            {
                var identity = new float[2 * channels * channels];
                for (int c = 0; c < channels; c++) identity[(before + c) * channels + c] = 1;
                return Convolution(name, [from, graph.Constant($"{name}.w", identity, 2 * channels, channels, 1, 1)], stride: 2, padding: 0);
            }
            string half = graph.Node("Slice", $"{name}.slice",
                [from, graph.Constant($"{name}.starts", 0, 0), graph.Constant($"{name}.ends", int.MaxValue, int.MaxValue), graph.Constant($"{name}.axes", 2, 3), graph.Constant($"{name}.steps", 2, 2)], []);
            return graph.Node("Pad", name, [half, graph.Constant($"{name}.pads", 0, before, 0, 0, 0, after, 0, 0)], []);
        }
    }

    /// <summary>w' = w g / sqrt(v + 1e-5) and b' = b - m g / sqrt(v + 1e-5) for each output channel, computed in double and rounded once.</summary>
    private static (float[] W, float[] B) Fold(StateDict state, string conv, string norm)
    {
        float[] w = state[$"{conv}.weight"].Values, gamma = state[$"{norm}.weight"].Values, beta = state[$"{norm}.bias"].Values,
            mean = state[$"{norm}.running_mean"].Values, variance = state[$"{norm}.running_var"].Values;
        var (weights, bias) = (new float[w.Length], new float[gamma.Length]);
        int perChannel = w.Length / gamma.Length;
        for (int k = 0; k < gamma.Length; k++)
        {
            double factor = gamma[k] / Math.Sqrt(variance[k] + Epsilon);
            bias[k] = (float)(beta[k] - mean[k] * factor);
            for (int i = k * perChannel; i < (k + 1) * perChannel; i++) weights[i] = (float)(w[i] * factor);
        }
        return (weights, bias);
    }
}
