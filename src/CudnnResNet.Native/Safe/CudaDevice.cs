using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>One GPU, and what it says of itself.</summary>
public sealed class CudaDevice
{
    internal unsafe CudaDevice(int ordinal)
    {
        Ordinal = ordinal;
        Check(cuDeviceGet(out int device, ordinal), $"GPU {ordinal}");
        Number = device;
        byte* name = stackalloc byte[256];
        Check(cuDeviceGetName(name, 256, device), $"GPU {ordinal}");
        Name = Utf8(name);
        Check(cuDeviceTotalMem_v2(out nuint bytes, device), $"GPU {ordinal}");
        TotalMemory = (long)bytes;
        ComputeCapability = new(Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR), Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
        MultiprocessorCount = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        AllowsContexts = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_MODE) != (int)CUcomputemode.CU_COMPUTEMODE_PROHIBITED;
    }

    /// <summary>Its number in this process, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>Its product name.</summary>
    public string Name { get; }

    /// <summary>Its architecture: 7.0 is Volta, 9.0 Hopper.</summary>
    public CudaVersion ComputeCapability { get; }

    /// <summary>Bytes of memory, used or not.</summary>
    public long TotalMemory { get; }

    /// <summary>Multiprocessors.</summary>
    public int MultiprocessorCount { get; }

    /// <summary>False where the administrator forbade computing on it (<c>nvidia-smi -c PROHIBITED</c>).</summary>
    public bool AllowsContexts { get; }

    /// <summary>Whether a program plays the GPU, as the tests' emulator does; figures of time then mean nothing.</summary>
    public bool IsEmulator => Name.Contains("(not hardware)", StringComparison.Ordinal);

    /// <summary>The driver's handle.</summary>
    internal int Number { get; }

    /// <summary>One line.</summary>
    public override string ToString() => $"cuda:{Ordinal} {Name}, compute capability {ComputeCapability}, {MultiprocessorCount} multiprocessors, {TotalMemory / 1e9:F1} GB";

    private int Attribute(CUdevice_attribute attribute)
    {
        Check(cuDeviceGetAttribute(out int value, attribute, Number), $"GPU {Ordinal}, {attribute}");
        return value;
    }
}
