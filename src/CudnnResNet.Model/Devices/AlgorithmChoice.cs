namespace CudnnResNet.Model;

/// <summary>What the cuda device may multiply 32-bit floats with.</summary>
public enum Precision
{
    /// <summary>Full 32-bit floats.</summary>
    Fp32,

    /// <summary>Tensor cores that round the factors to 10 bits of mantissa and add up in 32-bit floats; from Ampere on.</summary>
    Tf32,
}

/// <summary>The three convolutions of a training step.</summary>
public enum ConvolutionPass
{
    /// <summary>z = conv(x, w).</summary>
    Forward,

    /// <summary>dx from dz and w.</summary>
    BackwardData,

    /// <summary>dw from x and dz.</summary>
    BackwardFilter,
}

/// <summary>The algorithm of one convolution.</summary>
/// <param name="Convolution">Shapes and stride, <c>16x32x32 to 32x16x16, stride 2</c>: units of the same shapes have the same algorithm.</param>
/// <param name="BatchSize">Images.</param>
/// <param name="Pass">Which of the three.</param>
/// <param name="Algorithm">Its name, <c>ImplicitPrecomputedGemm</c>.</param>
/// <param name="Math">What it computes with, <c>Fma</c> or <c>TensorCores</c>.</param>
public sealed record ChosenAlgorithm(string Convolution, int BatchSize, ConvolutionPass Pass, string Algorithm, string Math);

/// <summary>
/// Which of cuDNN's algorithms compute a network. Different ones round differently, so a run gives the same bytes again only with the same
/// choice on the same kind of GPU and with the same cuDNN: whoever goes on with a run gives its choice to <see cref="DeviceOptions.Algorithms"/>.
/// </summary>
/// <param name="Gpu">The GPU's name.</param>
/// <param name="Cudnn">cuDNN's version.</param>
/// <param name="Precision">What they may compute with.</param>
/// <param name="Algorithms">One for each convolution, batch size and pass that was planned or has run.</param>
public sealed record AlgorithmChoice(string Gpu, string Cudnn, Precision Precision, IReadOnlyList<ChosenAlgorithm> Algorithms)
{
    /// <summary>Whether this choice can be used where another one was made: on the same kind of GPU, with the same cuDNN and precision.</summary>
    public bool Fits(AlgorithmChoice other) => (Gpu, Cudnn, Precision) == (other.Gpu, other.Cudnn, other.Precision);
}
