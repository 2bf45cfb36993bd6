using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>Whether blocks have shortcuts.</summary>
public enum Architecture
{
    /// <summary>Residual network: every second layer adds its block's input (figure 3, right, of He et al. 2015).</summary>
    ResNet,

    /// <summary>Plain network: the same layers without shortcuts (figure 3, middle).</summary>
    Plain,
}

/// <summary>
/// Where the other half of the channels comes from when a shortcut halves the image and doubles the channels: zeros, in one of option A's
/// two forms, or more of the image. None has parameters.
/// </summary>
public enum ShortcutPadding
{
    /// <summary>All zero channels after the copied ones, as in the reference project.</summary>
    Trailing,

    /// <summary>Half of the zero channels before and half after, as in other well-known implementations.</summary>
    Centred,

    /// <summary>
    /// No zero channels: the first half of the channels takes the pixels (2h, 2w) as option A does, the second half the pixels
    /// (2h + 1, 2w + 1). Not in the paper; what comes of it is in docs/notes.md.
    /// </summary>
    Reshape,
}

/// <summary>One row of the network's summary.</summary>
/// <param name="Name">The layer's state-dict name.</param>
/// <param name="Kind">What it is, in words.</param>
/// <param name="Input">The shape of its input for one image.</param>
/// <param name="Output">The shape of its output.</param>
/// <param name="Parameters">Trainable parameters, batch norm's included.</param>
/// <param name="MultiplyAdds">Multiply-accumulate operations for one image.</param>
public sealed record LayerSummary(string Name, string Kind, Shape Input, Shape Output, long Parameters, long MultiplyAdds);

/// <summary>
/// A CIFAR-10 network of He et al. 2015, section 4.2: one 3x3 convolution, three stages of n blocks of two 3x3 convolutions
/// with 16, 32 and 64 channels, global average pooling and a linear layer; 6n+2 weighted layers.
/// </summary>
public sealed record ArchitectureSpec
{
    /// <summary>Smallest and largest depth; the paper's deepest is 1202.</summary>
    public const int MinDepth = 8, MaxDepth = 1202;

    /// <summary>Creates and checks the description of a network.</summary>
    /// <param name="architecture">With or without shortcuts.</param>
    /// <param name="depth">Weighted layers, 6n+2.</param>
    /// <param name="shortcut">How shortcuts double the channels; meaningless in plain networks.</param>
    /// <exception cref="InvalidSettingException">The depth is not 6n+2 within 8..1202.</exception>
    public ArchitectureSpec(Architecture architecture, int depth, ShortcutPadding shortcut = ShortcutPadding.Trailing)
    {
        if (depth is < MinDepth or > MaxDepth || (depth - 2) % 6 != 0)
        {
            int lower = Math.Clamp((depth - 2) / 6 * 6 + 2, MinDepth, MaxDepth), upper = Math.Min(lower + 6, MaxDepth);
            string near = depth < MinDepth || depth > MaxDepth || lower == upper ? $"{lower}" : $"{lower} or {upper}";
            throw new InvalidSettingException($"depth {depth} is not 6n+2 within {MinDepth}..{MaxDepth}; the nearest is {near}");
        }
        Architecture = architecture;
        Depth = depth;
        Shortcut = shortcut;
    }

    /// <summary>With or without shortcuts.</summary>
    public Architecture Architecture { get; }

    /// <summary>Weighted layers: 6n+2.</summary>
    public int Depth { get; }

    /// <summary>How shortcuts double the channels.</summary>
    public ShortcutPadding Shortcut { get; }

    /// <summary>Number of classes: 10.</summary>
    public int Classes => 10;

    /// <summary>The shape of an input image.</summary>
    public Shape Input => new(3, 32, 32);

    /// <summary>Blocks per stage: n of 6n+2.</summary>
    public int BlocksPerStage => (Depth - 2) / 6;

    /// <summary>The name the field uses: resnet20, plain32.</summary>
    public string Name => (Architecture == Architecture.ResNet ? "resnet" : "plain") + Depth;

    /// <summary>Trainable parameters: convolutions, batch norms and the linear layer.</summary>
    public long ParameterCount => Layers().Sum(layer => layer.Parameters);

    /// <summary>Multiply-accumulate operations of one image's forward pass, convolutions and linear layer.</summary>
    public long MultiplyAdds => Layers().Sum(layer => layer.MultiplyAdds);

    /// <summary>
    /// Multiply-accumulate operations of one image's training step as direct convolution counts them, whatever algorithm computes it:
    /// three times the forward work (y, dx, dw) but for the first layer, whose dx nobody needs.
    /// </summary>
    public long TrainingMultiplyAdds => 3 * MultiplyAdds - Layers().First().MultiplyAdds;

    /// <summary>The layers in forward order, for people: the convolutions with their batch norms, then the linear layer.</summary>
    public IEnumerable<LayerSummary> Layers()
    {
        foreach (var unit in ConvNorms())
        {
            string shortcut = unit.Shortcut switch
            {
                ShortcutKind.None => "",
                ShortcutKind.Identity => " + identity",
                ShortcutKind.Reshape => " + reshape",
                _ => " + option A",
            };
            yield return new(unit.Name, $"conv 3x3{(unit.Stride == 2 ? " /2" : "")}, batch norm{shortcut}, relu", unit.X, unit.Y,
                unit.WeightCount + 2L * unit.Y.C, unit.MultiplyAdds(Direction.Forward));
        }
        yield return new(HeadSpec.Name, "global average pool, linear", Head.X, new(Classes, 1, 1), HeadSpec.WeightCount + HeadSpec.Classes, HeadSpec.WeightCount);
    }

    /// <summary>The conv-norm units in forward order: the first layer, then two for each block.</summary>
    internal IReadOnlyList<ConvNormSpec> ConvNorms()
    {
        var units = new List<ConvNormSpec>();
        Shape x = Input, y = new(16, 32, 32);
        units.Add(new("conv1", "bn1", x, y, Stride: 1) { NeedsDx = false });
        for (int stage = 1; stage <= 3; stage++)
        {
            for (int block = 0; block < BlocksPerStage; block++)
            {
                bool downsamples = stage > 1 && block == 0;
                x = y;
                if (downsamples) y = new(x.C * 2, x.H / 2, x.W / 2);
                string prefix = $"layer{stage}.{block}";
                units.Add(new($"{prefix}.conv1", $"{prefix}.bn1", x, y, Stride: downsamples ? 2 : 1));
                units.Add(new($"{prefix}.conv2", $"{prefix}.bn2", y, y, Stride: 1) { Shortcut = ShortcutOf(downsamples) });
            }
        }
        return units;
    }

    /// <summary>The head: the average over 8x8 of 64 channels, then the linear layer.</summary>
    internal HeadSpec Head => new(new Shape(64, 8, 8));

    private ShortcutKind ShortcutOf(bool downsamples) => (Architecture, downsamples, Shortcut) switch
    {
        (Architecture.Plain, _, _) => ShortcutKind.None,
        (_, false, _) => ShortcutKind.Identity,
        (_, true, ShortcutPadding.Trailing) => ShortcutKind.OptionATrailing,
        (_, true, ShortcutPadding.Centred) => ShortcutKind.OptionACentred,
        _ => ShortcutKind.Reshape,
    };
}
