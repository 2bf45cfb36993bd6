namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>A block of pinned host memory.</summary>
internal sealed unsafe class PinnedBlock(int number, byte* start, long bytes)
{
    public byte* Start => start;

    public long Bytes => bytes;

    /// <summary>Whether it was given back; copies that still wait for their turn must not touch it then.</summary>
    public bool IsFreed { get; set; }

    /// <summary>Copies from it, given to streams and not done.</summary>
    public int PendingReads { get; set; }

    /// <summary>Copies to it, given to streams and not done.</summary>
    public int PendingWrites { get; set; }

    /// <summary>What messages call it.</summary>
    public override string ToString() => $"pinned memory {number} ({bytes} bytes at 0x{(ulong)start:x})";
}

/// <summary>The pinned host memory of a context.</summary>
internal sealed unsafe class PinnedMemory
{
    private const int InvalidValue = 1;

    private static int count;

    private readonly List<PinnedBlock> blocks = [];

    public IEnumerable<PinnedBlock> Live => blocks.Where(block => !block.IsFreed);

    /// <summary>Takes a block; null where the host has no room.</summary>
    public PinnedBlock? Allocate(long bytes)
    {
        byte* start = HostPages.Take(bytes);
        if (start is null) return null;
        var block = new PinnedBlock(++count, start, bytes);
        blocks.Add(block);
        return block;
    }

    /// <summary>Gives a block back by its first address.</summary>
    /// <exception cref="DeviceFault">There is none.</exception>
    public void Release(byte* address)
    {
        PinnedBlock? block = blocks.Find(block => block.Start == address)
            ?? throw new DeviceFault(InvalidValue, $"free of what is no pinned memory: 0x{(ulong)address:x}");
        if (block.IsFreed) throw new DeviceFault(InvalidValue, $"double free of {block}");
        Release(block);
    }

    public void ReleaseAll()
    {
        foreach (PinnedBlock block in Live.ToArray()) Release(block);
    }

    /// <summary>The block that holds a range of the host; null where it is ordinary, pageable memory.</summary>
    /// <exception cref="DeviceFault">The range leaves its block, or the block was freed.</exception>
    public PinnedBlock? Find(byte* address, long bytes)
    {
        PinnedBlock? block = blocks.Find(block => address >= block.Start && address < block.Start + block.Bytes);
        if (block is null) return null;
        if (block.IsFreed) throw new DeviceFault(InvalidValue, $"use after free: copy with {block}, which was freed");
        long room = block.Start + block.Bytes - address;
        if (bytes > room) throw new DeviceFault(InvalidValue, $"a copy of {bytes} bytes at 0x{(ulong)address:x} leaves {block} by {bytes - room} bytes");
        return block;
    }

    private static void Release(PinnedBlock block)
    {
        block.IsFreed = true;
        HostPages.Forbid(block.Start, block.Bytes);
    }
}
