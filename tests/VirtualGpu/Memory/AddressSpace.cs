namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>
/// The addresses of all devices' memory. They only grow: an address is never given out again, and behind each allocation lies a gap, so
/// that an access which misses its allocation hits none. Addresses are multiples of 256 and of nothing larger, as the driver promises
/// no more. A table of pages finds the allocation of an address at once.
/// </summary>
internal static class AddressSpace
{
    private const ulong Base = 0x0a00_0000_0000;
    private const int PageBits = 16;
    private const long PageBytes = 1 << PageBits;
    private const long GapPages = 16;
    private const ulong Alignment = 256;

    private static Allocation?[] pages = new Allocation?[1024];
    private static int used;
    private static int count;

    /// <summary>Makes an allocation at fresh addresses.</summary>
    /// <exception cref="OutOfMemoryException">The host has no room for it.</exception>
    public static Allocation Add(int device, long bytes, string origin)
    {
        int needed = checked((int)((bytes + (long)Alignment + PageBytes - 1) / PageBytes + GapPages));
        if (used + needed > pages.Length) Array.Resize(ref pages, Math.Max(pages.Length * 2, used + needed));
        var allocation = new Allocation(++count, device, Base + ((ulong)used << PageBits) + Alignment, bytes, origin);
        pages.AsSpan(used, needed).Fill(allocation);
        used += needed;
        return allocation;
    }

    /// <summary>The allocation, live or freed, in which an address lies or in whose gap; null where none ever was.</summary>
    public static Allocation? Find(ulong address)
    {
        ulong page = (address - Base) >> PageBits;
        return page < (ulong)used ? pages[page] : null;
    }

    /// <summary>Whether an address is one of device memory, which the host must not touch.</summary>
    public static bool Holds(ulong address) => Find(address) is not null;

    /// <summary>Where an address lies that no allocation holds: how far beside which.</summary>
    public static string Place(ulong address)
    {
        if (Find(address) is not { } before) return $"0x{address:x} is near no allocation";
        Allocation? after = Find(before.Address + (ulong)(Extent(before) * PageBytes));
        long behind = (long)(address - before.Address) - before.Bytes;
        if (behind < 0) return $"0x{address:x} is {before.Address - address} bytes before {before}";
        long ahead = after is null ? long.MaxValue : (long)(after.Address - address);
        return ahead < behind ? $"0x{address:x} is {ahead} bytes before {after}" : $"0x{address:x} is {behind} bytes behind the end of {before}";
    }

    private static long Extent(Allocation allocation) => (allocation.Bytes + (long)Alignment + PageBytes - 1) / PageBytes + GapPages;
}
