using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The native memory of one device: 64-byte aligned, zeroed, freed together; large blocks in huge pages where the system has them.</summary>
internal sealed unsafe partial class CpuMemory : IDisposable
{
    private const nuint Alignment = 64, HugePage = 2 << 20;
    private const int UseHugePages = 14; // MADV_HUGEPAGE of Linux
    private readonly List<nint> blocks = [];

    /// <summary>Bytes allocated so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Zeroed floats.</summary>
    public float* Floats(long count) => (float*)Allocate(count * sizeof(float));

    /// <summary>Zeroed doubles.</summary>
    public double* Doubles(long count) => (double*)Allocate(count * sizeof(double));

    /// <summary>Zeroed bytes.</summary>
    public byte* Allocate(long bytes)
    {
        nuint size = ((nuint)Math.Max(bytes, 1) + Alignment - 1) / Alignment * Alignment;
        void* block = NativeMemory.AlignedAlloc(size, size >= HugePage ? HugePage : Alignment);
        // Only advice: where the system does not take it, the pages are small.
        if (size >= HugePage && OperatingSystem.IsLinux()) _ = Advise(block, size, UseHugePages);
        NativeMemory.Clear(block, size);
        blocks.Add((nint)block);
        Bytes += (long)size;
        return (byte*)block;
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
        foreach (nint block in blocks) NativeMemory.AlignedFree((void*)block);
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
