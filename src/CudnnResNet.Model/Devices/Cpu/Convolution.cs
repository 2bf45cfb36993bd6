namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The three convolutions of one unit, by one algorithm, over bands in padded scratch memory.</summary>
/// <remarks>
/// <see cref="Create"/> is the one place that decides which algorithm runs where: Winograd's F(4x4, 3x3) where it fits (channel blocks,
/// outputs whose sides are multiples of 4: all but the first of a network's units, of which two have stride 2), direct convolution
/// elsewhere, or everywhere if it is asked for.
/// Scratch memory holds a band's images one behind the other: inputs with their border (C/16, rows + 2, W + 2, 16), outputs (K/16, rows, W, 16).
/// </remarks>
internal abstract unsafe class Convolution(ConvNormSpec spec)
{
    /// <summary>The unit.</summary>
    protected ConvNormSpec Spec { get; } = spec;

    /// <inheritdoc cref="ConvNormUnit.Kernel"/>
    public abstract string Kernel { get; }

    /// <inheritdoc cref="ConvNormUnit.ExecutedMultiplyAdds"/>
    public abstract long ExecutedMultiplyAdds(Direction direction);

    /// <summary>Whole images in a band, at most.</summary>
    public abstract int BandImages { get; }

    /// <summary>Rows of the output in a band.</summary>
    public abstract int BandRows { get; }

    /// <summary>Floats of a group's accumulator for the gradient of the weights.</summary>
    public abstract int GradientCount { get; }

    /// <summary>How often a call of <see cref="Forward"/>, <see cref="BackwardData"/> or <see cref="BackwardFilter"/> calls <see cref="Prefetcher.Step"/>.</summary>
    public abstract int PrefetchSteps { get; }

    /// <summary>Groups of a backward pass, at most.</summary>
    public abstract int BackwardGroups { get; }

    /// <summary>Called before the groups of a forward pass.</summary>
    public abstract void BeginForward(float* w);

    /// <summary>Called before the groups of a backward pass, where dx is wanted.</summary>
    public abstract void BeginBackwardData(float* w);

    /// <summary>z = conv(x, w) for some images.</summary>
    public abstract void Forward(int thread, int images, float* paddedX, float* z);

    /// <summary>The first half of inference: conv(x, w) for some images, kept in the thread's scratch memory in the algorithm's own form.</summary>
    public abstract void Multiply(int thread, int images, PaddedRows x);

    /// <summary>The second half: y = relu(scale conv(x, w) + shift + s) for one of these images.</summary>
    /// <param name="image">Counted from the band's first.</param>
    /// <param name="rows">The band's rows.</param>
    /// <param name="scale">Per channel.</param>
    /// <param name="shift">Per channel.</param>
    /// <param name="s">The shortcut; one with First null for none.</param>
    /// <param name="y">Where the image goes; its border is the caller's.</param>
    public abstract void Finish(int thread, int image, int images, ImageRows rows, float* scale, float* shift, ImagePlace s, ImagePlace y);

    /// <summary>dx = the gradient of conv(x, w) by x, for some images.</summary>
    public abstract void BackwardData(int thread, int images, float* paddedDz, float* dx);

    /// <summary>Adds a band to a group's accumulator, or begins it with the group's first band.</summary>
    public abstract void BackwardFilter(int thread, int images, float* paddedX, float* paddedDz, bool isFirst, float* accumulator);

    /// <summary>dw = the sum of the groups' accumulators, in their order; they are overwritten.</summary>
    public abstract void FinishBackwardFilter(int groups, float* dw);

    /// <summary>The band that follows another within the images up to end, or one of no images.</summary>
    public Band Next(Band band, int end)
    {
        if (band.Row + band.Rows < Spec.Y.H) return band with { Row = band.Row + band.Rows };
        return First(band.Image + band.Images, end);
    }

    /// <summary>The first band of some images, or one of no images.</summary>
    public Band First(int image, int end) => new(image, Math.Min(BandImages, end - image), 0, BandRows);

    /// <summary>The rows of the output that a band computes.</summary>
    public ImageRows OutputRows(Band band) => new(Spec.Y, band.Row, band.Rows);

    /// <summary>The rows of the input that they need, without the border.</summary>
    public ImageRows InputRows(Band band) => band.Rows == Spec.Y.H ? ImageRows.All(Spec.X) : new(Spec.X, band.Row * Spec.Stride, band.Rows * Spec.Stride);

    /// <summary>The algorithm for a unit.</summary>
    public static Convolution Create<TLanes>(CpuContext context, ConvNormSpec spec) where TLanes : struct, ILanes<TLanes> =>
        !context.Settings.Winograd ? new Direct<TLanes>(context, spec)
        : Winograd<TLanes>.Fits(spec) ? new Winograd<TLanes>(context, spec)
        : WinogradStride2<TLanes>.Fits(spec) ? new WinogradStride2<TLanes>(context, spec)
        : new Direct<TLanes>(context, spec);
}
