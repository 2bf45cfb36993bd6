using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices;

/// <summary>Whether the cuda device can be used on this machine, and what it says where it cannot.</summary>
public static class CudaSupport
{
    private const string NotYet = "the cuda device is not part of this version yet";

    private static readonly Lazy<CudaInspection> Inspected = new(() => CudaInspection.Run(CudaKernels.Needs));

    /// <summary>Everything that this machine has of CUDA; it looks at each library even where another one is missing.</summary>
    public static CudaInspection Inspect() => CudaInspection.Run(CudaKernels.Needs, goOn: true);

    /// <summary>In a few words, why <c>--device auto</c> takes the processor.</summary>
    public static string WhyNotAuto() => Inspected.Value.WhyNot(ordinal: 0)?.What ?? NotYet;

    /// <summary>In one line, why a GPU that was asked for cannot be used, and what to do.</summary>
    public static string WhyNot(int ordinal) =>
        Inspected.Value.WhyNot(ordinal) is { } problem ? $"{NotYet}, and this machine could not use it: {problem}" : NotYet;
}
