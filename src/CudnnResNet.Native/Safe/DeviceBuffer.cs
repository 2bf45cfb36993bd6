using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>One allocation in a GPU's memory. Its contents are undefined until something is written to it.</summary>
public sealed class DeviceBuffer : CudaObject
{
    /// <summary>Allocates.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="name">What it is for; errors say it.</param>
    /// <param name="bytes">Its size, 1 or more.</param>
    /// <exception cref="CudaOutOfMemoryException">There is not enough memory; it says how much was needed and how much was free.</exception>
    /// <exception cref="CudaException">The allocation failed for another reason.</exception>
    public DeviceBuffer(CudaContext context, string name, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        (Name, Bytes) = (name, bytes);
        CUresult status = cuMemAlloc_v2(out ulong address, (nuint)bytes);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) throw OutOfMemory(context, status);
        Check(status, $"{name}, {bytes} bytes", nameof(cuMemAlloc_v2));
        Own((nint)address, context);
    }

    /// <summary>What it is for.</summary>
    public string Name { get; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Its first byte, at a multiple of 256.</summary>
    public DevicePointer Pointer => new((ulong)Value);

    private protected override bool Destroy() => Gone(cuMemFree_v2((ulong)handle));

    private CudaOutOfMemoryException OutOfMemory(CudaContext context, CUresult status)
    {
        var (free, total) = context.Memory();
        string operands = $"{Name} needs {Bytes / 1e6:F1} MB, {free / 1e6:F1} of {total / 1e6:F1} MB are free on {context.Device.Name}";
        return new(Describe(status, operands, nameof(cuMemAlloc_v2)), Bytes, free, total);
    }
}
