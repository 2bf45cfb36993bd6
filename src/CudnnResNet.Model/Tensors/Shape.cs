namespace CudnnResNet.Model;

/// <summary>The shape of one image's activation: C channels of H rows and W columns. The number of images N is passed beside it.</summary>
/// <param name="C">Channels.</param>
/// <param name="H">Rows.</param>
/// <param name="W">Columns.</param>
public readonly record struct Shape(int C, int H, int W)
{
    /// <summary>Elements of one image: C·H·W.</summary>
    public int Size => C * H * W;

    /// <summary>Pixels of one channel: H·W.</summary>
    public int Plane => H * W;

    /// <inheritdoc/>
    public override string ToString() => $"{C}x{H}x{W}";
}
