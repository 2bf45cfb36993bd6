using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Device memory and pinned host memory.</summary>
internal static unsafe class MemoryExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    internal static CUresult cuMemGetInfo_v2(nuint* free, nuint* total) => Call.InContext(context =>
    {
        Call.Require(free is not null && total is not null, "free or total is null");
        *free = (nuint)context.Memory.Free;
        *total = (nuint)context.Memory.Total;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    internal static CUresult cuMemAlloc_v2(ulong* dptr, nuint bytesize) => Call.InContext(context =>
    {
        Call.Require(dptr is not null, "dptr is null");
        Call.Require(bytesize > 0, "an allocation of 0 bytes");
        Capture.Forbid(context.Machine, nameof(cuMemAlloc_v2));
        // Too little memory is no mistake: a program may ask, and do with less.
        if (bytesize > long.MaxValue || context.Allocate((long)bytesize, nameof(cuMemAlloc_v2)) is not { } made) return CUresult.CUDA_ERROR_OUT_OF_MEMORY;
        *dptr = made.Address;
        context.Machine.Counters.Allocations++;
        context.Machine.Counters.AllocatedBytes += made.Bytes;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    internal static CUresult cuMemFree_v2(ulong dptr) => Call.InContext(context =>
    {
        Capture.Forbid(context.Machine, nameof(cuMemFree_v2));
        context.Free(dptr, nameof(cuMemFree_v2));
        return context.Machine.Broken;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostAlloc")]
    internal static CUresult cuMemHostAlloc(void** pp, nuint bytesize, uint Flags) => Call.InContext(context =>
    {
        Call.Require(pp is not null, "pp is null");
        Call.Require(bytesize is > 0 and <= int.MaxValue, $"pinned memory of {bytesize} bytes");
        Call.Require(Flags <= 1, $"flags {Flags}: the emulator knows 0 and CU_MEMHOSTALLOC_PORTABLE");
        Capture.Forbid(context.Machine, nameof(cuMemHostAlloc));
        if (context.Pinned.Allocate((long)bytesize) is not { } made) return CUresult.CUDA_ERROR_OUT_OF_MEMORY;
        *pp = made.Start;
        context.Machine.Counters.PinnedAllocations++;
        context.Machine.Counters.PinnedBytes += made.Bytes;
        return CUresult.CUDA_SUCCESS;
    });

    // Does not wait: a copy that still has to be done then meets forbidden memory, and is reported.
    [UnmanagedCallersOnly(EntryPoint = "cuMemFreeHost")]
    internal static CUresult cuMemFreeHost(void* p) => Call.InContext(context =>
    {
        Capture.Forbid(context.Machine, nameof(cuMemFreeHost));
        context.Pinned.Release((byte*)p);
    });
}
