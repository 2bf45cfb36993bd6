namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>The dimensions of a tensor (N, C, H, W), or of weights (K, C, R, S) in the same places.</summary>
internal readonly record struct TensorShape(int N, int C, int H, int W)
{
    /// <summary>Elements of one channel of one image.</summary>
    public int Plane => H * W;

    /// <summary>Elements of one image.</summary>
    public int Image => C * Plane;

    public long Elements => (long)N * C * H * W;

    public override string ToString() => $"({N}, {C}, {H}, {W})";
}

/// <summary>A tensor, or weights, in device memory; what an operation keeps of a descriptor, which may change after the call.</summary>
internal readonly record struct DeviceTensor(TensorShape Shape, ulong Address)
{
    public long Bytes => Shape.Elements * sizeof(float);
}
