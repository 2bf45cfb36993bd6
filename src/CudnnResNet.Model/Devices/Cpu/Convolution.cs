namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The three convolutions of one unit, by one algorithm, over padded scratch images.</summary>
/// <remarks>
/// <see cref="Create"/> is the one place that decides which algorithm runs where: where Winograd's F(4x4, 3x3) is asked for and fits (stride
/// 1, sides that are multiples of 4: all but three of a network's units) it, direct convolution elsewhere.
/// </remarks>
internal abstract unsafe class Convolution(ConvNormSpec spec)
{
    /// <summary>The unit.</summary>
    protected ConvNormSpec Spec { get; } = spec;

    /// <inheritdoc cref="ConvNormUnit.Kernel"/>
    public abstract string Kernel { get; }

    /// <inheritdoc cref="ConvNormUnit.ExecutedMultiplyAdds"/>
    public abstract long ExecutedMultiplyAdds(Direction direction);

    /// <summary>How many images a call takes at most, their padded scratch images one behind the other.</summary>
    public abstract int ImagesAtOnce { get; }

    /// <summary>Floats of a group's accumulator for the gradient of the weights.</summary>
    public abstract int GradientCount { get; }

    /// <summary>Called before the groups of a forward pass.</summary>
    public abstract void BeginForward(float* w);

    /// <summary>Called before the groups of a backward pass, where dx is wanted.</summary>
    public abstract void BeginBackwardData(float* w);

    /// <summary>z = conv(x, w) for some images.</summary>
    public abstract void Forward(int thread, int images, float* paddedX, float* z);

    /// <summary>dx = the gradient of conv(x, w) by x, for some images.</summary>
    public abstract void BackwardData(int thread, int images, float* paddedDz, float* dx);

    /// <summary>Adds some images to a group's accumulator.</summary>
    public abstract void BackwardFilter(int thread, int images, float* paddedX, float* paddedDz, float* accumulator);

    /// <summary>dw = the sum of the groups' accumulators, in their order; they are overwritten.</summary>
    public abstract void FinishBackwardFilter(int groups, float* dw);

    /// <summary>The algorithm for a unit.</summary>
    public static Convolution Create<TLanes>(CpuContext context, ConvNormSpec spec) where TLanes : struct, ILanes<TLanes> =>
        context.Settings.Winograd && Winograd<TLanes>.Fits(spec) ? new Winograd<TLanes>(context, spec) : new Direct<TLanes>(context, spec);
}
