using System.Runtime.InteropServices;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>A block's shared memory, at the addresses from 0. A read of a word of four bytes in which nothing was written is a fault.</summary>
internal sealed unsafe class SharedMemory(int size) : IDisposable
{
    private const int WordBytes = 4;

    private readonly byte* bytes = (byte*)NativeMemory.AlignedAlloc((nuint)size + 64, 64);
    private readonly bool[] written = new bool[(size + WordBytes - 1) / WordBytes];

    /// <summary>A new block finds nothing written.</summary>
    public void Clear() => Array.Clear(written);

    /// <summary>A pointer to bytes that are about to be read.</summary>
    public byte* Read(ulong address, int count)
    {
        Check(address, count);
        int first = (int)address / WordBytes, last = ((int)address + count - 1) / WordBytes;
        int unwritten = written.AsSpan(first, last + 1 - first).IndexOf(false);
        if (unwritten >= 0) throw new DeviceFault(FaultCode.LaunchFailed, $"reads shared memory that the block has not written, address 0x{(first + unwritten) * WordBytes:x}");
        return bytes + address;
    }

    /// <summary>A pointer to bytes that are about to be written; they count as written from here on.</summary>
    public byte* Write(ulong address, int count)
    {
        Check(address, count);
        int first = (int)address / WordBytes, last = ((int)address + count - 1) / WordBytes;
        written.AsSpan(first, last + 1 - first).Fill(true);
        return bytes + address;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(bytes);

    private void Check(ulong address, int count)
    {
        if (address > (ulong)size || (ulong)count > (ulong)size - address)
            throw new DeviceFault(FaultCode.LaunchFailed, $"{count} bytes at shared address 0x{address:x} are outside the block's {size} bytes of shared memory");
    }
}
