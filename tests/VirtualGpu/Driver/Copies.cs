using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Copies bytes of pageable host memory, which were read at the call, to the device.</summary>
internal sealed unsafe class StagedUpload(byte[] source, ulong destination) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        source.CopyTo(new Span<byte>(context.Memory.WriteRange(destination, source.Length), source.Length));
        context.Machine.Counters.UploadCopies++;
        context.Machine.Counters.UploadBytes += source.Length;
    }

    public override string ToString() => $"copy of {source.Length} bytes from the host to 0x{destination:x}";
}

/// <summary>Copies pinned host memory to the device, reading it when its turn comes. Whoever changed it meanwhile is told.</summary>
internal sealed unsafe class PinnedUpload(PinnedBlock block, byte* source, long bytes, ulong destination) : Operation
{
    public override byte[]? Given(Order order)
    {
        block.PendingReads++;
        // What a copy still on its way to the block will write there is no change by the program.
        return order == Order.Late && block.PendingWrites == 0 ? new ReadOnlySpan<byte>(source, checked((int)bytes)).ToArray() : null;
    }

    public override void Execute(GpuContext context, byte[]? evidence)
    {
        PinnedCopy.CheckLive(block);
        if (evidence is not null) CheckUnchanged(evidence);
        Buffer.MemoryCopy(source, context.Memory.WriteRange(destination, bytes), bytes, bytes);
        block.PendingReads--;
        context.Machine.Counters.UploadCopies++;
        context.Machine.Counters.UploadBytes += bytes;
    }

    public override string ToString() => $"copy of {bytes} bytes from {block} to 0x{destination:x}";

    private void CheckUnchanged(byte[] evidence)
    {
        int same = new ReadOnlySpan<byte>(source, evidence.Length).CommonPrefixLength(evidence);
        if (same < evidence.Length)
            throw new DeviceFault((int)CUresult.CUDA_ERROR_LAUNCH_FAILED, $"source changed before it was copied: byte {source - block.Start + same} of {block} is not what it was at the call");
    }
}

/// <summary>
/// Copies from the device to pinned host memory when its turn comes. Late, the destination is filled with 0xFF bytes at the call, so that
/// who reads it too soon does not find what was there before and take it for the result.
/// </summary>
internal sealed unsafe class PinnedDownload(ulong source, long bytes, PinnedBlock block, byte* destination) : Operation
{
    public override byte[]? Given(Order order)
    {
        block.PendingWrites++;
        if (order == Order.Late && block.PendingReads == 0) new Span<byte>(destination, checked((int)bytes)).Fill(0xFF);
        return null;
    }

    public override void Execute(GpuContext context, byte[]? evidence)
    {
        PinnedCopy.CheckLive(block);
        Buffer.MemoryCopy(context.Memory.ReadRange(source, bytes), destination, bytes, bytes);
        block.PendingWrites--;
        context.Machine.Counters.DownloadCopies++;
        context.Machine.Counters.DownloadBytes += bytes;
    }

    public override string ToString() => $"copy of {bytes} bytes from 0x{source:x} to {block}";
}

/// <summary>Copies to pageable host memory: the call returns when that is done.</summary>
internal sealed unsafe class PageableDownload(ulong source, long bytes, byte* destination) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        Buffer.MemoryCopy(context.Memory.ReadRange(source, bytes), destination, bytes, bytes);
        context.Machine.Counters.DownloadCopies++;
        context.Machine.Counters.DownloadBytes += bytes;
    }

    public override string ToString() => $"copy of {bytes} bytes from 0x{source:x} to the host";
}

/// <summary>Copies within the device's memory.</summary>
internal sealed unsafe class DeviceCopy(ulong source, long bytes, ulong destination) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        byte* from = context.Memory.ReadRange(source, bytes);
        Buffer.MemoryCopy(from, context.Memory.WriteRange(destination, bytes), bytes, bytes);
        context.Machine.Counters.DeviceCopies++;
        context.Machine.Counters.DeviceCopyBytes += bytes;
    }

    public override string ToString() => $"copy of {bytes} bytes from 0x{source:x} to 0x{destination:x}";
}

/// <summary>Sets bytes or 32-bit values.</summary>
internal sealed unsafe class Fill(ulong destination, uint value, int valueBytes, long count) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        byte* to = context.Memory.WriteRange(destination, count * valueBytes);
        if (valueBytes == 1) System.Runtime.InteropServices.NativeMemory.Fill(to, (nuint)count, (byte)value);
        else for (long i = 0; i < count; i++) ((uint*)to)[i] = value;
        context.Machine.Counters.Fills++;
        context.Machine.Counters.FillBytes += count * valueBytes;
    }

    public override string ToString() => $"fill of {count * valueBytes} bytes at 0x{destination:x}";
}

/// <summary>What copies with pinned memory have in common.</summary>
internal static class PinnedCopy
{
    public static void CheckLive(PinnedBlock block)
    {
        if (block.IsFreed) throw new DeviceFault((int)CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, $"use after free: {block} was freed before the copy was done");
    }
}
