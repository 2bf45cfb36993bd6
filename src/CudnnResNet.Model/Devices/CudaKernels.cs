using System.Globalization;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices;

/// <summary>What the embedded PTX of the cuda device asks of a driver and a GPU, for people and for checks before it is loaded.</summary>
internal static class CudaKernels
{
    private static readonly KernelPtx[] all = [.. KernelPtx.Names.Select(KernelPtx.Read)];

    /// <summary>The newest version of the PTX language among the kernels: 6.3.</summary>
    public static Version Isa { get; } = all.Max(ptx => ptx.Isa)!;

    /// <summary>The oldest GPU they run on: <c>sm_70</c>.</summary>
    public static string Target => all[0].Target;

    /// <summary>What compiled them.</summary>
    public static string Compiler => all[0].Compiler;

    /// <summary>The same as numbers that are compared with a driver's and a GPU's.</summary>
    public static KernelNeeds Needs { get; } = new(CapabilityOf(Target), Isa);

    /// <summary>The compute capability of a target: 7.0 of <c>sm_70</c>, 10.0 of <c>sm_100</c>.</summary>
    internal static CudaVersion CapabilityOf(string target)
    {
        int number = int.Parse(target.AsSpan(target.IndexOf('_', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
        return new(number / 10, number % 10);
    }
}
