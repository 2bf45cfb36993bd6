namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Images and labels in managed memory, and the epoch's order.</summary>
internal sealed class CpuImageSet(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) : ImageSet(labels.Length)
{
    private readonly byte[] pixels = pixels.ToArray();
    private readonly int[] order = [.. Enumerable.Range(0, labels.Length)];

    /// <summary>One byte for each image.</summary>
    public byte[] Labels { get; } = labels.ToArray();

    /// <summary>The epoch, part of the random numbers' counter.</summary>
    public int Epoch { get; private set; }

    /// <summary>Position in the epoch to image.</summary>
    public ReadOnlySpan<int> Order => order;

    /// <summary>The bytes of an image of the given size.</summary>
    public ReadOnlySpan<byte> Pixels(int image, int size) => pixels.AsSpan(image * size, size);

    public override void SetOrder(int epoch, ReadOnlySpan<int> order)
    {
        Epoch = epoch;
        order.CopyTo(this.order);
    }

    public override void Dispose() { }
}

/// <summary>The augmentation unit of the cpu device.</summary>
internal sealed unsafe class CpuAugment : AugmentUnit
{
    private readonly CpuContext context;
    private readonly float[] table;
    private readonly float[] mean;
    private readonly Action<int, int> augmentGroup;

    private CpuImageSet images = null!;
    private int first, n;
    private Mode mode;
    private CpuActivation x = null!;
    private CpuLabels labels = null!;

    public CpuAugment(CpuContext context, AugmentSpec spec) : base(spec)
    {
        this.context = context;
        table = spec.Normalization.Table();
        mean = spec.Normalization.PixelMean ?? [];
        augmentGroup = AugmentGroup;
    }

    public override void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels)
    {
        (this.images, this.first, this.n, this.mode, this.x, this.labels) = ((CpuImageSet)images, first, n, mode, CpuActivation.Of(x), (CpuLabels)labels);
        context.Deferred.Run();
        context.Pool.Run(CpuContext.Groups(n), augmentGroup);
        this.x.SetValues();
    }

    private void AugmentGroup(int group, int thread)
    {
        var (begin, end) = CpuContext.Images(group, n);
        int size = x.Shape.Size;
        for (int i = begin; i < end; i++)
        {
            int image = mode == Mode.Training ? images.Order[first + i] : first + i;
            var place = mode == Mode.Training ? Spec.Place(image, images.Epoch) : default;
            AugmentSpec.Pixels(images.Pixels(image, size), place, table, mean, new(x.Z + (nint)i * size, size));
            labels.Values[i] = images.Labels[image];
        }
    }
}
