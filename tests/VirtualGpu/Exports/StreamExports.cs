using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Streams.</summary>
internal static unsafe class StreamExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    internal static CUresult cuStreamCreate(nint* phStream, uint Flags) => Call.InContext(context =>
    {
        Call.Require(phStream is not null, "phStream is null");
        Call.Require(Flags <= 1, $"flags {Flags}: CU_STREAM_DEFAULT and CU_STREAM_NON_BLOCKING are allowed");
        var stream = context.Machine.Handles.Add(new GpuStream(context));
        context.Streams.Add(stream);
        *phStream = stream.Handle;
    });

    // Work that is left is done nevertheless, at some time.
    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    internal static CUresult cuStreamDestroy_v2(nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        Capture.ForbidOn(stream, nameof(cuStreamDestroy_v2));
        stream.IsDestroyed = true;
        if (stream.IsIdle) context.Streams.Remove(stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    internal static CUresult cuStreamSynchronize(nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        Capture.ForbidOn(stream, nameof(cuStreamSynchronize));
        context.Machine.Counters.Synchronizations++;
        stream.RunAll();
        return context.Machine.Broken;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamQuery")]
    internal static CUresult cuStreamQuery(nint hStream) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        Capture.ForbidOn(stream, nameof(cuStreamQuery));
        context.Machine.Counters.Queries++;
        return stream.Query() ? context.Machine.Broken : CUresult.CUDA_ERROR_NOT_READY;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamWaitEvent")]
    internal static CUresult cuStreamWaitEvent(nint hStream, nint hEvent, uint Flags) => Call.InContext(context =>
    {
        Call.Require(Flags == 0, $"flags {Flags}: only 0 is allowed");
        GpuStream stream = Call.Stream(context, hStream);
        context.Machine.Counters.StreamWaits++;
        Call.Object<GpuEvent>(context, hEvent, "event").HoldUp(stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamIsCapturing")]
    internal static CUresult cuStreamIsCapturing(nint hStream, uint* captureStatus) => Call.InContext(context =>
    {
        Call.Require(captureStatus is not null, "captureStatus is null");
        // None, active, invalidated.
        *captureStatus = Call.Stream(context, hStream).Capture switch { null => 0u, { Problem: null } => 1u, _ => 2u };
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamBeginCapture_v2")]
    internal static CUresult cuStreamBeginCapture_v2(nint hStream, uint mode) => Call.InContext(context =>
    {
        GpuStream stream = Call.Stream(context, hStream);
        Call.Require(mode <= (uint)CaptureMode.Relaxed, $"mode {mode}: from 0 to 2 is allowed");
        if (stream.Capture is not null) throw new DeviceFault((int)CUresult.CUDA_ERROR_ILLEGAL_STATE, $"{stream} is being captured already");
        stream.Capture = new(stream, (CaptureMode)mode);
        context.Machine.Captures.Add(stream.Capture);
        context.Machine.Counters.Captures++;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamEndCapture")]
    internal static CUresult cuStreamEndCapture(nint hStream, nint* phGraph) => Call.InContext(context =>
    {
        Call.Require(phGraph is not null, "phGraph is null");
        GpuStream stream = Call.Stream(context, hStream);
        Capture capture = stream.Capture ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_ILLEGAL_STATE, $"{stream} is not being captured");
        capture.CheckThread();
        stream.Capture = null;
        context.Machine.Captures.Remove(capture);
        *phGraph = 0;
        if (capture.Problem is not null) return CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
        *phGraph = context.Machine.Handles.Add(new GpuGraph(context, capture.Operations)).Handle;
        return CUresult.CUDA_SUCCESS;
    });
}
