using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>A device that is none, and its primary context.</summary>
internal sealed class GpuDevice(Machine machine, int number, long totalMemory, int capability)
{
    public const string Name = "CudnnResNet emulator (not hardware)";

    private int retained;

    public Machine Machine => machine;

    /// <summary>The compute capability, ten times: 70 for 7.0.</summary>
    public int Capability => capability;

    /// <summary>Whether it has TF32 units, as GPUs have from Ampere on.</summary>
    public bool HasTf32 => capability >= 80;

    public DeviceMemory Memory { get; } = new(number, totalMemory);

    /// <summary>The primary context, while somebody retains it.</summary>
    public GpuContext? Context { get; private set; }

    public GpuContext Retain()
    {
        retained++;
        return Context ??= machine.Handles.Add(new GpuContext(this));
    }

    /// <summary>Gives the context back; with the last one it goes, and all that is still in it is a leak.</summary>
    public CUresult Release()
    {
        if (Context is not { } context) return CUresult.CUDA_ERROR_INVALID_CONTEXT;
        if (--retained > 0) return CUresult.CUDA_SUCCESS;
        if (!machine.IsBroken) context.Synchronize();
        // After a fault nothing can be given back.
        if (!machine.IsBroken)
        {
            foreach (string leak in context.Leaks()) machine.Report.Add(CUresult.CUDA_SUCCESS, $"leak: {leak}, when {context} was released");
        }
        context.Discard();
        Context = null;
        return machine.Broken;
    }

    /// <summary>An attribute by its number in cuda.h; null for what the emulator does not say.</summary>
    public int? Attribute(int attribute) => attribute switch
    {
        1 => LaunchLimits.ThreadsPerBlock,
        2 => (int)LaunchLimits.Block.X,
        3 => (int)LaunchLimits.Block.Y,
        4 => (int)LaunchLimits.Block.Z,
        5 => (int)LaunchLimits.Grid.X,
        6 => (int)LaunchLimits.Grid.Y,
        7 => (int)LaunchLimits.Grid.Z,
        8 or 97 => LaunchLimits.SharedBytesPerBlock,
        9 => 64 << 10, // constant memory
        10 => 32, // lanes of a warp
        12 or 82 => 64 << 10, // registers
        13 or 36 => 1, // clock rates in kHz: of no device
        16 => 2, // multiprocessors
        17 or 18 or 20 or 32 or 35 => 0, // time limit, integrated, compute mode default, ECC, TCC
        19 or 31 or 41 => 1, // maps host memory, concurrent kernels, unified addresses
        38 => 0, // L2 cache
        39 => 2048, // threads of a multiprocessor
        40 => 2, // copy engines
        75 => capability / 10,
        76 => capability % 10,
        81 => 96 << 10, // shared memory of a multiprocessor
        106 => 32, // blocks of a multiprocessor
        _ => null,
    };

    public override string ToString() => $"device {number}";
}
