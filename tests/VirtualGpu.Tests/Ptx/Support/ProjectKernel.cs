using System.Runtime.InteropServices;
using CudnnResNet.Kernels.Tests.Ptx;
using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Support;

/// <summary>A kernel of <c>kernels/ptx</c>.</summary>
internal static class ProjectKernel
{
    /// <summary>Runs it with parameters that are given as numbers of their own types.</summary>
    /// <returns>Lane-instructions.</returns>
    public static long Run(string file, string kernel, Dim3 grid, uint block, TestMemory memory, params object[] parameters)
    {
        var entry = PtxModule.Parse(File.ReadAllText(Repository.At("kernels", "ptx", file + ".ptx"))).Kernels[kernel];
        var bytes = new byte[entry.ParameterBytes];
        Assert.AreEqual(entry.Parameters.Count, parameters.Length);
        for (int i = 0; i < parameters.Length; i++)
        {
            var place = bytes.AsSpan(entry.Parameters[i].Offset, entry.Parameters[i].Size);
            switch (parameters[i])
            {
                case ulong value: MemoryMarshal.Write(place, value); break;
                case int value: MemoryMarshal.Write(place, value); break;
                case float value: MemoryMarshal.Write(place, value); break;
                default: throw new ArgumentException($"parameter {i} is a {parameters[i].GetType().Name}", nameof(parameters));
            }
        }
        return KernelRun.Execute(entry, grid, new(block, 1, 1), 0, bytes, TestKernel.NoVariables, memory);
    }

    /// <summary>The record of <c>kernels/step_state.h</c>, 64 bytes.</summary>
    public static byte[] State(int step = 0, int position = 0, uint epoch = 0, uint updates = 0, long images = 0, long correct = 0, double lossSum = 0)
    {
        var state = new byte[64];
        MemoryMarshal.Write(state, step);
        MemoryMarshal.Write(state.AsSpan(4), position);
        MemoryMarshal.Write(state.AsSpan(8), epoch);
        MemoryMarshal.Write(state.AsSpan(12), updates);
        MemoryMarshal.Write(state.AsSpan(16), ulong.MaxValue);
        MemoryMarshal.Write(state.AsSpan(24), images);
        MemoryMarshal.Write(state.AsSpan(32), correct);
        MemoryMarshal.Write(state.AsSpan(40), lossSum);
        return state;
    }
}
