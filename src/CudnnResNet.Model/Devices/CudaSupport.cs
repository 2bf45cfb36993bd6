using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices;

/// <summary>Whether the cuda device can be used on this machine, and what it says where it cannot.</summary>
public static class CudaSupport
{
    private static readonly Lazy<CudaInspection> Inspected = new(() => CudaInspection.Run(CudaKernels.Needs));

    /// <summary>Everything that this machine has of CUDA; it looks at each library even where another one is missing.</summary>
    public static CudaInspection Inspect() => CudaInspection.Run(CudaKernels.Needs, goOn: true);

    /// <summary>In a few words, why <c>--device auto</c> takes the processor; null where it takes the first GPU. It never takes an emulator.</summary>
    public static string? WhyNotAuto()
    {
        CudaInspection cuda = Inspected.Value;
        return cuda.WhyNot(ordinal: 0)?.What ?? (cuda.Devices[0].IsEmulator ? "cuda:0 is an emulator, which is used only where --device cuda asks for it" : null);
    }

    /// <summary>In one line, why a GPU that was asked for cannot be used, and what to do; null where it can.</summary>
    public static string? WhyNot(int ordinal) => Inspected.Value.WhyNot(ordinal)?.ToString();

    /// <summary>Whether a GPU is an emulator of the tests, whose times mean nothing; false where there is none.</summary>
    public static bool IsEmulator(int ordinal) => Inspected.Value.WhyNot(ordinal) is null && Inspected.Value.Devices[ordinal].IsEmulator;
}
