using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Events.</summary>
internal static unsafe class EventExports
{
    private const uint BlockingSync = 1;
    private const uint DisableTiming = 2;

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    internal static CUresult cuEventCreate(nint* phEvent, uint Flags) => Call.InContext(context =>
    {
        Call.Require(phEvent is not null, "phEvent is null");
        Call.Require((Flags & ~(BlockingSync | DisableTiming)) == 0, $"flags {Flags}: the emulator knows CU_EVENT_BLOCKING_SYNC and CU_EVENT_DISABLE_TIMING");
        *phEvent = context.Machine.Handles.Add(new GpuEvent(context, timing: (Flags & DisableTiming) == 0)).Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    internal static CUresult cuEventDestroy_v2(nint hEvent) => Call.InContext(context => { Event(context, hEvent).IsDestroyed = true; });

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    internal static CUresult cuEventRecord(nint hEvent, nint hStream) => Call.InContext(context =>
    {
        context.Machine.Counters.EventRecords++;
        Event(context, hEvent).Record(Call.Stream(context, hStream));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventQuery")]
    internal static CUresult cuEventQuery(nint hEvent) => Call.InContext(context =>
    {
        Capture.Forbid(context.Machine, nameof(cuEventQuery));
        context.Machine.Counters.Queries++;
        return Event(context, hEvent).Query() ? context.Machine.Broken : CUresult.CUDA_ERROR_NOT_READY;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    internal static CUresult cuEventSynchronize(nint hEvent) => Call.InContext(context =>
    {
        Capture.Forbid(context.Machine, nameof(cuEventSynchronize));
        context.Machine.Counters.Synchronizations++;
        Event(context, hEvent).Synchronize();
        return context.Machine.Broken;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    internal static CUresult cuEventElapsedTime(float* pMilliseconds, nint hStart, nint hEnd) => Call.InContext(context =>
    {
        Call.Require(pMilliseconds is not null, "pMilliseconds is null");
        if (GpuEvent.Milliseconds(Event(context, hStart), Event(context, hEnd)) is not { } milliseconds) return CUresult.CUDA_ERROR_NOT_READY;
        *pMilliseconds = milliseconds;
        return CUresult.CUDA_SUCCESS;
    });

    private static GpuEvent Event(GpuContext context, nint handle) => Call.Object<GpuEvent>(context, handle, "event");
}
