using System.Runtime.InteropServices;

namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>
/// One allocation in a device's memory. It begins as 0xFF bytes (NaN as floats, -1 as integers) and knows which 4-byte words were
/// written since. Freed, it stays known, so that a late access can be called by its name.
/// </summary>
internal sealed unsafe class Allocation : IDisposable
{
    private readonly ulong* written;

    /// <summary>Takes host memory for it.</summary>
    /// <param name="number">Counts allocations, for messages.</param>
    /// <param name="device">The device whose memory it is.</param>
    /// <param name="address">Where kernels see it.</param>
    /// <param name="bytes">Its size, 1 or more.</param>
    /// <param name="origin">Who made it, for messages.</param>
    /// <exception cref="OutOfMemoryException">The host itself has no room.</exception>
    public Allocation(int number, int device, ulong address, long bytes, string origin)
    {
        (Number, Device, Address, Bytes, Origin) = (number, device, address, bytes, origin);
        Data = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        NativeMemory.Fill(Data, (nuint)bytes, 0xFF);
        written = (ulong*)NativeMemory.AllocZeroed((nuint)(((bytes + 3) / 4 + 63) / 64), sizeof(ulong));
    }

    public int Number { get; }

    public int Device { get; }

    public ulong Address { get; }

    public long Bytes { get; }

    public string Origin { get; }

    /// <summary>What freed it; null while it lives.</summary>
    public string? FreedBy { get; private set; }

    /// <summary>The bytes, as the host reaches them.</summary>
    public byte* Data { get; private set; }

    /// <summary>Gives the host's memory back; the address stays taken.</summary>
    public void Free(string by)
    {
        if (FreedBy is not null) return;
        FreedBy = by;
        NativeMemory.AlignedFree(Data);
        NativeMemory.Free(written);
        Data = null;
    }

    public void Dispose() => Free("the end of the emulator");

    /// <summary>Notes that bytes are written; a word counts as written with any of its bytes.</summary>
    public void MarkWritten(long offset, long bytes)
    {
        var (first, last) = Words(offset, bytes);
        for (long group = first >> 6; group <= last >> 6; group++) written[group] |= Mask(group, first, last);
    }

    /// <summary>The first byte in a range that was never written; -1 where all were.</summary>
    public long FirstUnwritten(long offset, long bytes)
    {
        var (first, last) = Words(offset, bytes);
        for (long group = first >> 6; group <= last >> 6; group++)
        {
            ulong missing = Mask(group, first, last) & ~written[group];
            if (missing != 0) return Math.Max(offset, (group * 64 + System.Numerics.BitOperations.TrailingZeroCount(missing)) * 4);
        }
        return -1;
    }

    /// <summary>What messages call it.</summary>
    public override string ToString() => $"allocation {Number} ({Bytes} bytes at 0x{Address:x}, {Origin})";

    private static (long First, long Last) Words(long offset, long bytes) => (offset >> 2, (offset + bytes - 1) >> 2);

    // The words of a group of 64 that lie in a range.
    private static ulong Mask(long group, long first, long last)
    {
        ulong mask = ulong.MaxValue;
        if (group == first >> 6) mask <<= (int)(first & 63);
        if (group == last >> 6) mask &= ulong.MaxValue >> (63 - (int)(last & 63));
        return mask;
    }
}
