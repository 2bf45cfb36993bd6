using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Copies and fills. Ranges are checked at the call, as the driver does, and again when the work is done.</summary>
internal static unsafe class CopyExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyHtoDAsync_v2")]
    internal static CUresult cuMemcpyHtoDAsync_v2(ulong dstDevice, void* srcHost, nuint ByteCount, nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        if (ByteCount == 0) return;
        long bytes = Size(ByteCount, int.MaxValue);
        PinnedBlock? block = Host(context, srcHost, bytes);
        context.Memory.CheckRange(dstDevice, bytes, "write");
        if (block is not null) stream.Give(new PinnedUpload(block, (byte*)srcHost, bytes, dstDevice));
        else stream.Give(new StagedUpload(Pageable(stream, srcHost, bytes), dstDevice));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoHAsync_v2")]
    internal static CUresult cuMemcpyDtoHAsync_v2(void* dstHost, ulong srcDevice, nuint ByteCount, nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        if (ByteCount == 0) return CUresult.CUDA_SUCCESS;
        long bytes = Size(ByteCount, int.MaxValue);
        PinnedBlock? block = Host(context, dstHost, bytes);
        context.Memory.CheckRange(srcDevice, bytes, "read");
        if (block is not null)
        {
            stream.Give(new PinnedDownload(srcDevice, bytes, block, (byte*)dstHost));
            return CUresult.CUDA_SUCCESS;
        }
        CheckNotCapturing(stream);
        context.Machine.Counters.Synchronizations++;
        stream.RunUntil(stream.Enqueue(new PageableDownload(srcDevice, bytes, (byte*)dstHost)));
        return context.Machine.Broken;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoDAsync_v2")]
    internal static CUresult cuMemcpyDtoDAsync_v2(ulong dstDevice, ulong srcDevice, nuint ByteCount, nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        if (ByteCount == 0) return;
        long bytes = Size(ByteCount, long.MaxValue);
        context.Memory.CheckRange(srcDevice, bytes, "read");
        context.Memory.CheckRange(dstDevice, bytes, "write");
        ulong apart = srcDevice > dstDevice ? srcDevice - dstDevice : dstDevice - srcDevice;
        Call.Require(apart >= (ulong)bytes, $"{bytes} bytes at 0x{srcDevice:x} and at 0x{dstDevice:x} overlap");
        stream.Give(new DeviceCopy(srcDevice, bytes, dstDevice));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    internal static CUresult cuMemsetD8Async(ulong dstDevice, byte uc, nuint N, nint hStream) =>
        Call.InContext(context => Set(context, dstDevice, uc, sizeof(byte), N, hStream));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32Async")]
    internal static CUresult cuMemsetD32Async(ulong dstDevice, uint ui, nuint N, nint hStream) =>
        Call.InContext(context => Set(context, dstDevice, ui, sizeof(uint), N, hStream));

    private static void Set(GpuContext context, ulong destination, uint value, int valueBytes, nuint count, nint hStream)
    {
        GpuStream stream = Call.Stream(context, hStream);
        if (count == 0) return;
        Call.Require(destination % (ulong)valueBytes == 0, $"misaligned address: 0x{destination:x} for values of {valueBytes} bytes");
        long values = Size(count, long.MaxValue / valueBytes);
        context.Memory.CheckRange(destination, values * valueBytes, "write");
        stream.Give(new Fill(destination, value, valueBytes, values));
    }

    private static long Size(nuint bytes, long most)
    {
        Call.Require(bytes <= (nuint)most, $"{bytes} at once are more than the emulator takes ({most})");
        return (long)bytes;
    }

    private static PinnedBlock? Host(GpuContext context, void* address, long bytes)
    {
        Call.Require(address is not null, "the host's address is null");
        Call.Require(!AddressSpace.Holds((ulong)address), $"0x{(ulong)address:x} is an address of the device, and one of the host is needed");
        return context.Pinned.Find((byte*)address, bytes);
    }

    // Read at the call: the program may change it as soon as that returns.
    private static byte[] Pageable(GpuStream stream, void* source, long bytes)
    {
        CheckNotCapturing(stream);
        return new ReadOnlySpan<byte>(source, (int)bytes).ToArray();
    }

    private static void CheckNotCapturing(GpuStream stream)
    {
        if (stream.Capture is { } capture) throw capture.Lose(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, $"a copy with pageable host memory during the capture of {stream}: a graph would keep a pointer to it");
    }
}
