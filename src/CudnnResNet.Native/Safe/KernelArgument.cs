namespace CudnnResNet.Native.Safe;

/// <summary>
/// One argument of a kernel: 4 or 8 bytes at the beginning of 8, which the driver reads as many of as the kernel's parameter has. The
/// conversions below are the types that our kernels take.
/// </summary>
public readonly record struct KernelArgument
{
    private readonly ulong bits;

    private KernelArgument(ulong bits) => this.bits = bits;

    /// <summary>A pointer of the kernel.</summary>
    public static implicit operator KernelArgument(DevicePointer value) => new(value.Address);

    /// <summary>An <c>int</c>.</summary>
    public static implicit operator KernelArgument(int value) => new((uint)value);

    /// <summary>An <c>unsigned</c>.</summary>
    public static implicit operator KernelArgument(uint value) => new(value);

    /// <summary>A <c>long long</c>.</summary>
    public static implicit operator KernelArgument(long value) => new((ulong)value);

    /// <summary>An <c>unsigned long long</c>.</summary>
    public static implicit operator KernelArgument(ulong value) => new(value);

    /// <summary>A <c>float</c>.</summary>
    public static implicit operator KernelArgument(float value) => new(BitConverter.SingleToUInt32Bits(value));
}
