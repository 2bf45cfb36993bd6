namespace CudnnResNet.Model;

/// <summary>How a network is written as an ONNX model.</summary>
public sealed record OnnxOptions
{
    /// <summary>
    /// True: every batch norm is multiplied into the convolution before it, which then has a bias; the logits differ by rounding only, and
    /// the model can no longer be trained on.
    /// </summary>
    public bool Fold { get; init; }

    /// <summary>True: the model takes pixels as they are, floats of 0..255, and begins with the normalisation. False: it takes normalised images.</summary>
    public bool IncludeNormalization { get; init; }

    /// <summary>How a shortcut that doubles the channels is written.</summary>
    internal OptionAForm OptionA { get; init; } = OptionAForm.SliceAndPad;
}

/// <summary>How the model writes a shortcut that doubles the channels.</summary>
internal enum OptionAForm
{
    /// <summary>Every second pixel, then zero channels: Slice and Pad (for reshape two Slices and Concat).</summary>
    SliceAndPad,

    /// <summary>A 1x1 convolution of stride 2 whose weights are an identity above zeros (2x2 for reshape): more arithmetic, but a form that runtimes have fast code for.</summary>
    Convolution,
}
