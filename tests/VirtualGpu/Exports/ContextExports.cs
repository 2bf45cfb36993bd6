using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Primary contexts, and which one a thread works in.</summary>
internal static unsafe class ContextExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRetain")]
    internal static CUresult cuDevicePrimaryCtxRetain(nint* pctx, int dev) => Call.OnDevice(dev, device =>
    {
        Call.Require(pctx is not null, "pctx is null");
        *pctx = device.Retain().Handle;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    internal static CUresult cuDevicePrimaryCtxRelease_v2(int dev) => Call.OnDevice(dev, device => device.Release());

    [UnmanagedCallersOnly(EntryPoint = "cuCtxPushCurrent_v2")]
    internal static CUresult cuCtxPushCurrent_v2(nint ctx) => Call.Uncounted(machine =>
    {
        Call.RequireInitialized(machine);
        ContextStack.Push(machine.Handles.Get<GpuContext>(ctx, "context"));
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxPopCurrent_v2")]
    internal static CUresult cuCtxPopCurrent_v2(nint* pctx) => Call.Uncounted(machine =>
    {
        Call.RequireInitialized(machine);
        GpuContext popped = ContextStack.Pop() ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
        if (pctx is not null) *pctx = popped.Handle;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    internal static CUresult cuCtxSynchronize() => Call.InContext(context =>
    {
        foreach (GpuStream stream in context.Streams) Capture.ForbidOn(stream, nameof(cuCtxSynchronize));
        context.Machine.Counters.Synchronizations++;
        context.Synchronize();
        return context.Machine.Broken;
    });
}
