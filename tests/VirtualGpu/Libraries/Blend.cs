using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Libraries;

/// <summary>How a result gets into memory: y = alpha * result + beta * y, where beta = 0 reads no y. Both are read at the call.</summary>
internal readonly record struct Blend(float Alpha, float Beta)
{
    /// <summary>Overwrites.</summary>
    public static Blend Overwrite => new(1, 0);

    /// <summary>Stores a result.</summary>
    public unsafe void Store(DeviceMemory memory, ulong y, ReadOnlySpan<float> result)
    {
        long bytes = (long)result.Length * sizeof(float);
        if (Beta != 0) memory.ReadRange(y, bytes);
        var to = new Span<float>(memory.WriteRange(y, bytes), result.Length);
        if (Beta != 0) for (int i = 0; i < to.Length; i++) to[i] = Alpha * result[i] + Beta * to[i];
        else if (Alpha != 1) for (int i = 0; i < to.Length; i++) to[i] = Alpha * result[i];
        else result.CopyTo(to);
    }
}
