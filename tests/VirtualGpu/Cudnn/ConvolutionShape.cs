namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>A convolution of x (N, C, H, W) with w (K, C, R, S) to y (N, K, P, Q), as its descriptors say it; gradients have the shapes of what they are of.</summary>
/// <param name="X">x or dx.</param>
/// <param name="W">w or dw.</param>
/// <param name="Y">y or dy.</param>
/// <param name="Pad">Zeros around x.</param>
/// <param name="Stride">Pixels of x from one of y to the next.</param>
/// <param name="Dilation">Pixels of x from one tap to the next.</param>
/// <param name="Flipped">Whether w is turned by 180 degrees, as mathematics has it and networks do not.</param>
internal sealed record ConvolutionShape(
    TensorShape X, TensorShape W, TensorShape Y, (int H, int W) Pad, (int H, int W) Stride, (int H, int W) Dilation, bool Flipped)
{
    /// <summary>Multiplications.</summary>
    public long Products => Y.Elements * W.Image;

    /// <summary>Whether Winograd's and Fourier's ways are open.</summary>
    public bool IsDense => Stride == (1, 1) && Dilation == (1, 1);

    /// <summary>Checks the three descriptors of a convolution.</summary>
    public static ConvolutionShape Of(TensorDescriptor x, FilterDescriptor w, ConvolutionDescriptor convolution, TensorDescriptor y)
    {
        Expect.Alike(x, w, y);
        TensorShape output = Output(x.Shape, w.Shape, convolution);
        Expect.That(y.Shape == output, $"the convolution of {x.Shape} with {w.Shape} is {output}, and the descriptor says {y.Shape}");
        foreach (ShapedDescriptor operand in new ShapedDescriptor[] { x, w, y }) Expect.Computable(operand);
        if (convolution.ComputeType != cudnnDataType_t.CUDNN_DATA_FLOAT) throw Expect.NotSupported($"compute type {convolution.ComputeType}: the emulator computes with CUDNN_DATA_FLOAT only");
        return new(
            x.Shape, w.Shape, y.Shape, (convolution.PadH, convolution.PadW), (convolution.StrideH, convolution.StrideW), (convolution.DilationH, convolution.DilationW),
            convolution.Mode == cudnnConvolutionMode_t.CUDNN_CONVOLUTION);
    }

    /// <summary>The shape of y.</summary>
    public static TensorShape Output(TensorShape x, TensorShape w, ConvolutionDescriptor convolution)
    {
        Expect.That(x.C == w.C, $"x {x} has {x.C} channels, and w {w} takes {w.C}");
        int height = x.H + 2 * convolution.PadH - (w.H - 1) * convolution.DilationH - 1;
        int width = x.W + 2 * convolution.PadW - (w.W - 1) * convolution.DilationW - 1;
        Expect.That(height >= 0 && width >= 0, $"w {w} is larger than the padded x {x}");
        return new(x.N, w.N, height / convolution.StrideH + 1, width / convolution.StrideW + 1);
    }

    public override string ToString() => $"x {X}, w {W}, y {Y}, padding {Pad}, stride {Stride}";
}
