using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>An activation (N, C/16, H, W, 16); where C is no multiple of 16, the network's input, planar (N, C, H, W).</summary>
/// <remarks>
/// In training, and in inference with the batch's statistics, a unit leaves z behind with the affine map of its batch norm, and y = relu(scale z + shift + s) is computed by whoever
/// reads it. The first reader of a unit with a shortcut also stores y, because the next shortcut and the backward pass need it again.
/// After an upload <see cref="Values"/> is there at once. In inference a unit writes y itself, with a border of zeros
/// (<see cref="Padded"/>): the next convolution reads it as it lies.
/// </remarks>
internal sealed unsafe class CpuActivation : Activation
{
    private readonly float* stored;

    /// <param name="memory">Where to allocate.</param>
    /// <param name="shape">Shape of one image.</param>
    /// <param name="batchSize">Images.</param>
    /// <param name="keepsY">Whether the unit's y must be stored beside z: units with a shortcut, where batch norm uses the batch's statistics.</param>
    public CpuActivation(CpuMemory memory, Shape shape, int batchSize, bool keepsY) : base(shape)
    {
        bool isBlocked = shape.C % Blocked.Lanes == 0;
        Z = memory.FloatsOf(batchSize, isBlocked ? ImageRows.All(shape).PaddedSize : shape.Size);
        stored = keepsY ? memory.FloatsOf(batchSize, shape.Size) : null;
    }

    /// <summary>The convolution's output; after an upload y itself. The memory suffices for padded images.</summary>
    public float* Z { get; }

    /// <summary>y where it exists already, else null.</summary>
    public float* Values { get; private set; }

    /// <summary>y as inference leaves it, (N, C/16, H+2, W+2, 16), else null.</summary>
    public float* Padded { get; private set; }

    /// <summary>Per channel: y = relu(Scale z + Shift + s).</summary>
    public float* Scale { get; private set; }

    /// <summary>Per channel: y = relu(Scale z + Shift + s).</summary>
    public float* Shift { get; private set; }

    /// <summary>Per channel: the batch's mean of z, null where no unit's training pass made this activation.</summary>
    public float* Mean { get; private set; }

    /// <summary>The shortcut's source, or null.</summary>
    public CpuActivation? S { get; private set; }

    /// <summary>The unit that made this activation, null after an upload.</summary>
    public ConvNormSpec? Producer { get; private set; }

    /// <summary>Whether a unit's training pass made it: then its gradient carries the ReLU's mask and the batch norm's sums.</summary>
    public bool IsNormalized => Mean != null;

    /// <summary>y is in <see cref="Z"/>: after an upload or an augmentation.</summary>
    public void SetValues()
    {
        Values = Z;
        Padded = Mean = null;
        Producer = null;
    }

    /// <summary>y is in <see cref="Z"/> with a border of zeros: after inference.</summary>
    public void SetPadded(ConvNormSpec producer)
    {
        Padded = Z;
        Values = Mean = null;
        Producer = producer;
    }

    /// <summary>y is still to be computed from z.</summary>
    public void SetNormalized(ConvNormSpec producer, float* scale, float* shift, float* mean, CpuActivation? s)
    {
        Values = Padded = null;
        Scale = scale;
        Shift = shift;
        Mean = mean;
        S = s;
        Producer = producer;
    }

    /// <summary>Where the first reader of a joined activation stores y; it calls <see cref="SetStored"/> when all images are done.</summary>
    public float* Stored => stored;

    /// <summary>y has been stored by its first reader.</summary>
    public void SetStored() => Values = stored;

    /// <summary>The device's own type; a foreign activation is a mistake in the engine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CpuActivation Of(Activation activation) => (CpuActivation)activation;
}

/// <summary>A gradient (N, C/16, H, W, 16).</summary>
/// <remarks>
/// The unit that writes the gradient of another unit's y applies that y's ReLU mask at once and gathers the two sums per channel that
/// batch norm's backward pass needs; <see cref="IsMasked"/> says so. After an upload neither has happened.
/// </remarks>
internal sealed unsafe class CpuGradient(CpuMemory memory, Shape shape, int batchSize) : Gradient(shape)
{
    /// <summary>The values.</summary>
    public float* Values { get; } = memory.FloatsOf(batchSize, shape.Size);

    /// <summary>(C) sums of g, then (C) sums of g·(z - mean).</summary>
    public double* Sums { get; } = memory.Doubles(2L * shape.C);

    /// <summary>Whether mask and sums are in.</summary>
    public bool IsMasked { get; set; }
}

/// <summary>ds: nothing but a view of the masked dy, which the block's first unit adds to dx where s was read.</summary>
internal sealed class CpuShortcutGradient(ConvNormSpec spec) : Gradient(spec.S)
{
    /// <summary>The unit whose shortcut it is.</summary>
    public ConvNormSpec Spec { get; } = spec;

    /// <summary>The masked gradient of that unit's y.</summary>
    public CpuGradient? Source { get; set; }
}

/// <summary>Labels of a batch.</summary>
internal sealed unsafe class CpuLabels(CpuMemory memory, int batchSize) : Labels
{
    /// <summary>One byte for each image.</summary>
    public byte* Values { get; } = memory.Allocate(batchSize);
}
