namespace CudnnResNet.Native.Safe;

/// <summary>An address in a GPU's memory; the host cannot read through it.</summary>
/// <param name="Address">The address; 0 is none.</param>
public readonly record struct DevicePointer(ulong Address)
{
    /// <summary>No address: for optional tensors.</summary>
    public static DevicePointer Null => default;

    /// <summary>The address as cuDNN and cuBLAS take it.</summary>
    internal nint Raw => (nint)Address;

    /// <summary>The address so many bytes further on.</summary>
    public static DevicePointer operator +(DevicePointer pointer, long bytes) => pointer.Add(bytes);

    /// <summary>The address so many bytes further on.</summary>
    public DevicePointer Add(long bytes) => new(Address + (ulong)bytes);

    /// <summary>The address in hexadecimal.</summary>
    public override string ToString() => $"0x{Address:x}";
}
