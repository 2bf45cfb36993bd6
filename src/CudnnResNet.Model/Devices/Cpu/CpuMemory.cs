using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The native memory of one device: 64-byte aligned, zeroed, freed together; large blocks in huge pages where the system has them.</summary>
internal sealed unsafe partial class CpuMemory : IDisposable
{
    private const nuint Alignment = 64, HugePage = 2 << 20;
    private const int UseHugePages = 14; // MADV_HUGEPAGE of Linux
    private readonly List<nint> blocks = [];

    /// <summary>Zeroed floats.</summary>
    public float* Floats(long count) => (float*)Allocate(count * sizeof(float));

    /// <summary>Zeroed doubles.</summary>
    public double* Doubles(long count) => (double*)Allocate(count * sizeof(double));

    /// <summary>Zeroed bytes.</summary>
    public byte* Allocate(long bytes)
    {
        nuint size = ((nuint)Math.Max(bytes, 1) + Alignment - 1) / Alignment * Alignment, alignment = size >= HugePage ? HugePage : Alignment;
        // Zeroed by the system, page by page at the first touch: what is planned but never used costs no memory.
        void* block = NativeMemory.AllocZeroed(size + alignment);
        blocks.Add((nint)block);
        byte* aligned = (byte*)(((nuint)block + alignment - 1) / alignment * alignment);
        // Only advice: where the system does not take it, the pages are small.
        if (size >= HugePage && OperatingSystem.IsLinux()) _ = Advise(aligned, size, UseHugePages);
        return aligned;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~CpuMemory() => Free();

    private void Free()
    {
        foreach (nint block in blocks) NativeMemory.Free((void*)block);
        blocks.Clear();
    }
}

/// <summary>One piece of scratch memory for each thread.</summary>
internal readonly unsafe struct ThreadScratch(CpuMemory memory, int threads, long floats)
{
    // 16 pages apart plus a line, so that two threads' scratch does not fight for the same cache sets.
    private readonly long stride = (floats + 15) / 16 * 16 + 16;
    private readonly float* first = memory.Floats(((floats + 15) / 16 * 16 + 16) * threads);

    public float* this[int thread] => first + thread * stride;
}
