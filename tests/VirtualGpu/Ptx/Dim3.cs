namespace CudnnResNet.VirtualGpu.Ptx;

/// <summary>The size of a grid or block, or a place in one.</summary>
internal readonly record struct Dim3(uint X, uint Y, uint Z)
{
    /// <summary>Places in a grid or block of this size.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>The place of a linear index, x running fastest, as CUDA numbers the threads of a block.</summary>
    public Dim3 At(long index) => new((uint)(index % X), (uint)(index / X % Y), (uint)(index / X / Y));

    /// <inheritdoc/>
    public override string ToString() => $"({X},{Y},{Z})";
}
