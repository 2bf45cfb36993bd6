using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>How the kernels are compiled.</summary>
internal static class Jit
{
    /// <summary>
    /// A method with a kernel's loops: compiled with all optimisations at its first call, and never inlined itself. The JIT stops inlining
    /// when a method has grown too much, and a kernel that was inlined in its caller would then call its vector operations one
    /// by one: training has been seen to run at a third of its speed.
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
