using System.Runtime.InteropServices;
using System.Text;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>cuDNN itself, and its handles.</summary>
internal static unsafe class CudnnExports
{
    // 9.10.2, for CUDA 12.9.
    private const nuint Version = 91002;
    private const nuint CudartVersion = 12090;

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetVersion")]
    internal static nuint cudnnGetVersion() => Version;

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetCudartVersion")]
    internal static nuint cudnnGetCudartVersion() => CudartVersion;

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetErrorString")]
    internal static byte* cudnnGetErrorString(cudnnStatus_t status)
    {
        lock (Machine.Gate) return ErrorTexts.Lasting(Enum.IsDefined(status) ? status.ToString() : "CUDNN_STATUS_UNKNOWN");
    }

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetLastErrorString")]
    internal static void cudnnGetLastErrorString(byte* message, nuint max_size)
    {
        if (message is null || max_size == 0) return;
        byte[] text = Encoding.UTF8.GetBytes(CudnnCall.LastError);
        int copied = (int)Math.Min(max_size - 1, (nuint)text.Length);
        text.AsSpan(0, copied).CopyTo(new Span<byte>(message, copied));
        message[copied] = 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "cudnnGraphVersionCheck")]
    internal static cudnnStatus_t cudnnGraphVersionCheck() => CudnnCall.Always(_ => { });

    [UnmanagedCallersOnly(EntryPoint = "cudnnOpsVersionCheck")]
    internal static cudnnStatus_t cudnnOpsVersionCheck() => CudnnCall.Always(_ => { });

    [UnmanagedCallersOnly(EntryPoint = "cudnnCnnVersionCheck")]
    internal static cudnnStatus_t cudnnCnnVersionCheck() => CudnnCall.Always(_ => { });

    [UnmanagedCallersOnly(EntryPoint = "cudnnCreate")]
    internal static cudnnStatus_t cudnnCreate(nint* handle) => CudnnCall.InContext(context =>
    {
        Expect.That(handle is not null, "handle is null");
        Capture.Forbid(context.Machine, nameof(cudnnCreate));
        *handle = context.Machine.Handles.Add(new CudnnHandle(context)).Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroy")]
    internal static cudnnStatus_t cudnnDestroy(nint handle) => CudnnCall.OnHandle(handle, found =>
    {
        Capture.Forbid(found.Context.Machine, nameof(cudnnDestroy));
        found.IsDestroyed = true;
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetStream")]
    internal static cudnnStatus_t cudnnSetStream(nint handle, nint streamId) => CudnnCall.OnHandle(handle, found => found.SetStream(streamId, nameof(cudnnSetStream)));
}
