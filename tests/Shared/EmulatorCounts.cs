using System.Runtime.InteropServices;

namespace CudnnResNet.Tests;

/// <summary>Differences of what the emulator counts.</summary>
internal static class EmulatorCounts
{
    extension(EmulatorCounters counters)
    {
        /// <summary>What was counted after an earlier moment.</summary>
        public EmulatorCounters Since(EmulatorCounters earlier)
        {
            Span<long> now = MemoryMarshal.Cast<EmulatorCounters, long>(new Span<EmulatorCounters>(ref counters)), before = MemoryMarshal.Cast<EmulatorCounters, long>(new Span<EmulatorCounters>(ref earlier));
            for (int i = 0; i < now.Length; i++) now[i] -= before[i];
            return counters;
        }

        /// <summary>What the host has asked for: without the work that was done, because when it is done is up to the GPU.</summary>
        public EmulatorCounters Asked => counters with { Kernels = 0, LaneInstructions = 0, LibraryOperations = 0, Calls = 0 };
    }
}
