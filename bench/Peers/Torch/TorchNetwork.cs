using CudnnResNet.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace CudnnResNet.Peers.Torch;

/// <summary>The networks of He et al. 2015, section 4.2, as a user of libtorch writes them: eager, autograd, shortcuts of option A.</summary>
/// <remarks>ReLU and the residual sum work in place, which autograd allows here and which is faster.</remarks>
internal sealed class TorchNetwork
{
    private readonly record struct ConvNorm(Tensor W, Tensor Scale, Tensor Bias, Tensor Mean, Tensor Variance, long Stride);

    private readonly record struct Block(ConvNorm First, ConvNorm Second);

    private readonly List<Parameter> parameters = [];
    private readonly bool residual, centred;
    private readonly ConvNorm stem;
    private readonly Block[] blocks;
    private readonly Tensor w, b;

    /// <summary>Copies weights into tensors.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="state">Its parameters and running statistics.</param>
    /// <param name="layout">Of the convolutions' weights.</param>
    /// <param name="type">Float32 or Float64.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    public TorchNetwork(ArchitectureSpec architecture, StateDict state, Layout layout, ScalarType type, bool training)
    {
        (residual, centred) = (architecture.Architecture == Architecture.ResNet, architecture.Shortcut == ShortcutPadding.Centred);
        stem = Unit("conv1", "bn1", 1);
        blocks = [.. Enumerable.Range(1, 3).SelectMany(stage => Enumerable.Range(0, architecture.BlocksPerStage).Select(i =>
        {
            string name = $"layer{stage}.{i}";
            return new Block(Unit($"{name}.conv1", $"{name}.bn1", stage > 1 && i == 0 ? 2 : 1), Unit($"{name}.conv2", $"{name}.bn2", 1));
        }))];
        (w, b) = (Trainable("fc.weight"), Trainable("fc.bias"));

        ConvNorm Unit(string conv, string norm, long stride) => new(Trainable($"{conv}.weight"), Trainable($"{norm}.weight"), Trainable($"{norm}.bias"),
            Values($"{norm}.running_mean"), Values($"{norm}.running_var"), stride);

        Tensor Trainable(string name)
        {
            var parameter = new Parameter(layout.Of(Values(name)), training);
            parameters.Add(parameter);
            return parameter;
        }

        Tensor Values(string name)
        {
            var values = state[name];
            return tensor(values.Values, Array.ConvertAll(values.Shape, size => (long)size)).to_type(type);
        }
    }

    /// <summary>What SGD updates.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Logits (N, 10).</summary>
    public Tensor Forward(Tensor x, bool training)
    {
        x = Apply(stem, x, training).relu_();
        foreach (var block in blocks)
        {
            var y = Apply(block.First, x, training).relu_();
            y = Apply(block.Second, y, training);
            if (residual) y = y.add_(block.First.Stride == 1 ? x : OptionA(x));
            x = y.relu_();
        }
        return F.linear(x.mean([2, 3]), w, b);
    }

    private static Tensor Apply(ConvNorm unit, Tensor x, bool training)
    {
        var z = F.conv2d(x, unit.W, strides: [unit.Stride, unit.Stride], padding: [1, 1]);
        return F.batch_norm(z, unit.Mean, unit.Variance, unit.Scale, unit.Bias, training, 0.1, 1e-5);
    }

    /// <summary>Every second pixel, and as many zero channels again.</summary>
    private Tensor OptionA(Tensor x)
    {
        long c = x.shape[1];
        var half = x[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)];
        return F.pad(half, centred ? [0, 0, 0, 0, c / 2, c / 2] : [0, 0, 0, 0, 0, c], PaddingModes.Constant, 0);
    }
}

/// <summary>The order of a tensor's elements in memory.</summary>
internal readonly record struct Layout(bool ChannelsLast)
{
    /// <summary>The same tensor in this order; TorchSharp has no memory formats, but strides tell libtorch as much.</summary>
    public Tensor Of(Tensor x) => ChannelsLast && x.dim() == 4 ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x;
}
