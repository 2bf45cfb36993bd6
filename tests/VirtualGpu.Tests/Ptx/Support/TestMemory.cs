using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Support;

/// <summary>Device memory for tests of the PTX engine alone: allocations with room between them, never freed before the end.</summary>
internal sealed unsafe class TestMemory : IGlobalMemory, IDisposable
{
    private readonly List<Allocation> allocations = [];
    private ulong next = 0x7000_0000;

    private sealed record Allocation(ulong Address, int Bytes, nint Data, bool[] Written);

    /// <summary>An allocation in which nothing is written.</summary>
    public ulong Allocate(int bytes)
    {
        ulong address = next;
        next += (ulong)(bytes + 511) / 256 * 256;
        allocations.Add(new(address, bytes, (nint)NativeMemory.AlignedAlloc((nuint)bytes + 64, 64), new bool[bytes]));
        return address;
    }

    /// <summary>An allocation that holds these values.</summary>
    public ulong Allocate<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        int bytes = values.Length * sizeof(T);
        ulong address = Allocate(bytes);
        if (bytes > 0) values.CopyTo(new(Write(address, bytes), values.Length));
        return address;
    }

    /// <summary>The values at an address.</summary>
    public T[] Get<T>(ulong address, int count) where T : unmanaged => new ReadOnlySpan<T>(Read(address, count * sizeof(T)), count).ToArray();

    public byte* Read(ulong address, int bytes)
    {
        var (allocation, offset) = Find(address, bytes);
        int unwritten = allocation.Written.AsSpan(offset, bytes).IndexOf(false);
        return unwritten < 0 ? (byte*)allocation.Data + offset : throw new DeviceFault(719, $"reads unwritten memory at 0x{address + (ulong)unwritten:x}");
    }

    public byte* Write(ulong address, int bytes)
    {
        var (allocation, offset) = Find(address, bytes);
        allocation.Written.AsSpan(offset, bytes).Fill(true);
        return (byte*)allocation.Data + offset;
    }

    public void Dispose()
    {
        foreach (var allocation in allocations) NativeMemory.AlignedFree((void*)allocation.Data);
    }

    private (Allocation Allocation, int Offset) Find(ulong address, int bytes)
    {
        foreach (var allocation in allocations)
        {
            ulong offset = address - allocation.Address;
            if (offset <= (ulong)allocation.Bytes && (ulong)bytes <= (ulong)allocation.Bytes - offset) return (allocation, (int)offset);
        }
        throw new DeviceFault(700, $"{bytes} bytes at 0x{address:x} belong to no allocation");
    }
}
