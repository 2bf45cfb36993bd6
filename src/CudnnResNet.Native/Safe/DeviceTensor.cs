namespace CudnnResNet.Native.Safe;

/// <summary>A tensor in a GPU's memory.</summary>
/// <param name="Descriptor">Its shape.</param>
/// <param name="Data">Its first element.</param>
public readonly record struct DeviceTensor(TensorDescriptor Descriptor, DevicePointer Data)
{
    /// <summary>The shape.</summary>
    public override string ToString() => Descriptor.ToString();
}

/// <summary>Weights in a GPU's memory.</summary>
/// <param name="Descriptor">Their shape.</param>
/// <param name="Data">The first element.</param>
public readonly record struct DeviceFilter(FilterDescriptor Descriptor, DevicePointer Data)
{
    /// <summary>The shape.</summary>
    public override string ToString() => Descriptor.ToString();
}

/// <summary>Memory that a library may use while it computes.</summary>
/// <param name="Pointer">Its first byte, or null for none.</param>
/// <param name="Bytes">Its size.</param>
public readonly record struct Workspace(DevicePointer Pointer, long Bytes)
{
    /// <summary>No memory.</summary>
    public static Workspace None => default;
}
