namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The native memory of one device: 64-byte aligned, zeroed, freed together; large blocks in huge pages where the system has them.</summary>
/// <remarks>
/// Linux hands out more than there is and kills the process that touches it. So everything is counted while the units are created, and
/// <see cref="Require(int)"/> refuses before anything is touched; until then a block that the system refuses is null.
/// </remarks>
internal sealed unsafe class CpuMemory : IDisposable
{
    private const nuint Alignment = 64, HugePage = 2 << 20;
    private readonly List<(nint Start, nuint Bytes)> blocks = [];
    private long asked, ofImages, given;

    /// <summary>Zeroed floats for each of some images.</summary>
    public float* FloatsOf(int images, long each)
    {
        ofImages += images * each * sizeof(float);
        return Floats(images * each);
    }

    /// <summary>Zeroed floats.</summary>
    public float* Floats(long count) => (float*)Allocate(count * sizeof(float));

    /// <summary>Zeroed doubles.</summary>
    public double* Doubles(long count) => (double*)Allocate(count * sizeof(double));

    /// <summary>Zeroed bytes.</summary>
    public byte* Allocate(long bytes)
    {
        nuint size = ((nuint)Math.Max(bytes, 1) + Alignment - 1) / Alignment * Alignment, alignment = size >= HugePage ? HugePage : Alignment;
        asked += (long)size;
        void* block = SystemBlock.Allocate(size + alignment);
        if (block is null) return null;
        given += (long)size;
        blocks.Add(((nint)block, size + alignment));
        byte* aligned = (byte*)(((nuint)block + alignment - 1) / alignment * alignment);
        if (size >= HugePage) SystemBlock.AdviseHugePages(aligned, size);
        return aligned;
    }

    /// <summary>Refuses what is more than the machine, the container or <c>DOTNET_GCHeapHardLimit</c> leaves to this process.</summary>
    /// <param name="batchSize">Images that <see cref="FloatsOf"/> was asked for.</param>
    /// <exception cref="DeviceMemoryException">It does not fit.</exception>
    public void Require(int batchSize) => Require(batchSize, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The same with another limit, in bytes.</summary>
    internal void Require(int batchSize, long limit)
    {
        long free = Math.Max(0, limit - Environment.WorkingSet);
        if (given < asked) free = Math.Min(free, given);
        if (asked <= free) return;
        long fitting = (free - (asked - ofImages)) / (ofImages / batchSize + 1);
        throw new DeviceMemoryException($"not enough memory: batches of {batchSize} need {Megabytes(asked)} MB, {Megabytes(free)} of the {Megabytes(limit)} MB that this process may have are free",
            asked, free, (int)Math.Clamp(fitting, 0, batchSize - 1));
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F1");

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~CpuMemory() => Free();

    private void Free()
    {
        foreach (var (start, bytes) in blocks) SystemBlock.Free((void*)start, bytes);
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
