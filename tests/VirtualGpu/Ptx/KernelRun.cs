using CudnnResNet.VirtualGpu.Memory;
using CudnnResNet.VirtualGpu.Ptx.Execution;

namespace CudnnResNet.VirtualGpu.Ptx;

/// <summary>Runs kernels on the calling thread.</summary>
internal static class KernelRun
{
    /// <summary>Runs a whole grid, block after block, warp after warp, always in the same order.</summary>
    /// <param name="kernel">What runs.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block, 1024 at most.</param>
    /// <param name="dynamicSharedBytes">Shared memory beside what the kernel declares.</param>
    /// <param name="parameters">The launch's parameters as the kernel lays them out.</param>
    /// <param name="variables">The addresses of the module's variables.</param>
    /// <param name="memory">Device memory.</param>
    /// <returns>Instructions executed, each counted once for every thread that came to it.</returns>
    /// <exception cref="DeviceFault">The kernel did what it must not; the message names kernel, instruction, block and thread.</exception>
    public static long Execute(
        PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters, IReadOnlyDictionary<string, ulong> variables, IGlobalMemory memory)
    {
        if (grid.Count == 0 || block.Count is 0 or > 1024) throw new DeviceFault(FaultCode.InvalidValue, $"kernel {kernel.Name}: a grid {grid} of blocks {block} cannot run");

        using var shared = new SharedMemory(kernel.Program.DynamicSharedAddress + dynamicSharedBytes);
        var launch = new LaunchContext(kernel, grid, block, parameters.ToArray(), variables, memory, shared);
        var warps = new Warp[(block.Count + Warp.Lanes - 1) / Warp.Lanes];
        try
        {
            for (int i = 0; i < warps.Length; i++) warps[i] = new(launch, i * Warp.Lanes);
            for (long index = 0; index < grid.Count; index++)
            {
                launch.BlockIndex = grid.At(index);
                RunBlock(launch, warps);
            }
            return warps.Sum(warp => warp.Executed);
        }
        finally
        {
            foreach (var warp in warps) warp?.Dispose();
        }
    }

    private static void RunBlock(LaunchContext launch, Warp[] warps)
    {
        launch.Shared.Clear();
        foreach (var warp in warps) warp.Start();
        while (true)
        {
            foreach (var warp in warps) warp.Run();
            if (Array.TrueForAll(warps, warp => warp.State == WarpState.Finished)) return;
            foreach (var warp in warps) CheckBarrier(launch, warps[0], warp);
            foreach (var warp in warps) warp.PassBarrier();
        }
    }

    // Hardware does not wait for threads that have returned. CUDA C++ promises nothing of the kind: every thread has to come to the same barrier.
    private static void CheckBarrier(LaunchContext launch, Warp first, Warp warp)
    {
        if (warp.State == first.State && warp.Place == first.Place) return;
        throw new DeviceFault(FaultCode.LaunchFailed, $"kernel {launch.Kernel}, block {launch.BlockIndex}: bar.sync in divergent code: the first warp {Status(first)}, another {Status(warp)}");
    }

    private static string Status(Warp warp) => warp.State == WarpState.Finished ? "has returned" : $"waits at {warp.Describe(warp.Place)}";
}
