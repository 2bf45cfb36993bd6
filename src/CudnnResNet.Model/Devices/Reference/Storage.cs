namespace CudnnResNet.Model.Devices.Reference;

/// <summary>Images of one shape as doubles, NCHW without gaps.</summary>
internal sealed class ReferenceActivation(Shape shape, int batchSize) : Activation(shape)
{
    public double[] Values { get; } = new double[batchSize * shape.Size]; // (N, C, H, W)
}

/// <summary>A gradient of one shape as doubles, NCHW without gaps.</summary>
internal sealed class ReferenceGradient(Shape shape, int batchSize) : Gradient(shape)
{
    public double[] Values { get; } = new double[batchSize * shape.Size]; // (N, C, H, W)
}

/// <summary>The labels of a batch.</summary>
internal sealed class ReferenceLabels(int batchSize) : Labels
{
    public byte[] Values { get; } = new byte[batchSize]; // (N)
}

/// <summary>A trainable tensor with its gradient and SGD's velocity, which only training has.</summary>
internal sealed class Parameter(int count, bool training)
{
    public double[] Values { get; } = new double[count];

    public double[] Gradient { get; } = training ? new double[count] : [];

    public double[] Velocity { get; } = training ? new double[count] : [];
}

/// <summary>Images as bytes, and the order of an epoch.</summary>
internal sealed class ReferenceImageSet(byte[] pixels, byte[] labels) : ImageSet(labels.Length)
{
    private int[] order = [.. Enumerable.Range(0, labels.Length)];

    /// <summary>The epoch whose order this is; part of the counter of crops and flips.</summary>
    public int Epoch { get; private set; }

    /// <summary>The bytes (3, 32, 32) of one image.</summary>
    public ReadOnlySpan<byte> Image(int sample) => pixels.AsSpan(sample * AugmentSpec.ImageSize, AugmentSpec.ImageSize);

    /// <summary>The label of one image.</summary>
    public byte Label(int sample) => labels[sample];

    /// <summary>The image at a position of the epoch's order.</summary>
    public int Sample(int position) => order[position];

    public override void SetOrder(int epoch, ReadOnlySpan<int> order)
    {
        Epoch = epoch;
        this.order = order.ToArray();
    }

    public override void Dispose() { }
}
