namespace CudnnResNet.Native.Safe;

/// <summary>What a program's kernels ask of a driver and a GPU.</summary>
/// <param name="Capability">The oldest architecture that they run on.</param>
/// <param name="Ptx">The version of the PTX language that they are written in.</param>
public sealed record KernelNeeds(CudaVersion Capability, Version Ptx);

/// <summary>Which versions of the PTX language a driver's compiler knows (PTX ISA, "release history").</summary>
public static class PtxLanguage
{
    /// <summary>The newest of them; null for a driver so new that nothing is known of it.</summary>
    /// <param name="driver">The newest CUDA version that the driver runs, from 12.0 on.</param>
    public static Version? NewestOf(CudaVersion driver) => driver switch
    {
        // 12.6 brought no new PTX: from then on its number is one behind.
        { Major: 12, Minor: < 6 } => new(8, driver.Minor),
        { Major: 12 } => new(8, driver.Minor - 1),
        { Major: 13 } => new(9, driver.Minor),
        _ => null,
    };
}
