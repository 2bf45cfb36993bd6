using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Sys;

/// <summary>
/// The functions of the CUDA driver API that the engine calls, one to one: C names, parameter names of cuda.h, versioned entry points
/// where the unversioned symbol still has an older signature. Handles are <c>nint</c>, device memory is <c>ulong</c>.
/// </summary>
internal static unsafe partial class Driver
{
    public const string Library = "libcuda";

    static Driver() => ImportResolver.Register();

    [LibraryImport(Library)] public static partial CUresult cuInit(uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuDriverGetVersion(out int driverVersion);
    [LibraryImport(Library)] public static partial CUresult cuGetErrorName(CUresult error, out byte* pStr);
    [LibraryImport(Library)] public static partial CUresult cuGetErrorString(CUresult error, out byte* pStr);
    [LibraryImport(Library)] public static partial CUresult cuProfilerStart();
    [LibraryImport(Library)] public static partial CUresult cuProfilerStop();

    // Devices and their primary context.
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetCount(out int count);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGet(out int device, int ordinal);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetName(byte* name, int len, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDeviceTotalMem_v2(out nuint bytes, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetAttribute(out int pi, CUdevice_attribute attrib, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDevicePrimaryCtxRetain(out nint pctx, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDevicePrimaryCtxRelease_v2(int dev);
    [LibraryImport(Library)] public static partial CUresult cuCtxPushCurrent_v2(nint ctx);
    [LibraryImport(Library)] public static partial CUresult cuCtxPopCurrent_v2(out nint pctx);
    [LibraryImport(Library)] public static partial CUresult cuCtxSynchronize();

    // Memory.
    [LibraryImport(Library)] public static partial CUresult cuMemGetInfo_v2(out nuint free, out nuint total);
    [LibraryImport(Library)] public static partial CUresult cuMemAlloc_v2(out ulong dptr, nuint bytesize);
    [LibraryImport(Library)] public static partial CUresult cuMemFree_v2(ulong dptr);
    [LibraryImport(Library)] public static partial CUresult cuMemHostAlloc(out void* pp, nuint bytesize, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuMemFreeHost(void* p);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyHtoDAsync_v2(ulong dstDevice, void* srcHost, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyDtoHAsync_v2(void* dstHost, ulong srcDevice, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyDtoDAsync_v2(ulong dstDevice, ulong srcDevice, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemsetD8Async(ulong dstDevice, byte uc, nuint N, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemsetD32Async(ulong dstDevice, uint ui, nuint N, nint hStream);

    // Streams and events.
    [LibraryImport(Library)] public static partial CUresult cuStreamCreate(out nint phStream, CUstream_flags Flags);
    [LibraryImport(Library)] public static partial CUresult cuStreamDestroy_v2(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamSynchronize(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamQuery(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamWaitEvent(nint hStream, nint hEvent, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuEventCreate(out nint phEvent, CUevent_flags Flags);
    [LibraryImport(Library)] public static partial CUresult cuEventDestroy_v2(nint hEvent);
    [LibraryImport(Library)] public static partial CUresult cuEventRecord(nint hEvent, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuEventQuery(nint hEvent);
    [LibraryImport(Library)] public static partial CUresult cuEventSynchronize(nint hEvent);

    // The _v2 of CUDA 12.8 has the same signature, and drivers before it do not export it.
    [LibraryImport(Library)] public static partial CUresult cuEventElapsedTime(out float pMilliseconds, nint hStart, nint hEnd);

    // Modules and kernels.
    [LibraryImport(Library)] public static partial CUresult cuModuleLoadDataEx(out nint module, void* image, uint numOptions, CUjit_option* options, void** optionValues);
    [LibraryImport(Library)] public static partial CUresult cuModuleUnload(nint hmod);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial CUresult cuModuleGetFunction(out nint hfunc, nint hmod, string name);
    [LibraryImport(Library)] public static partial CUresult cuFuncGetAttribute(out int pi, CUfunction_attribute attrib, nint hfunc);
    [LibraryImport(Library)] public static partial CUresult cuLaunchKernel(
        nint f, uint gridDimX, uint gridDimY, uint gridDimZ, uint blockDimX, uint blockDimY, uint blockDimZ,
        uint sharedMemBytes, nint hStream, void** kernelParams, void** extra);

    // Graphs.
    [LibraryImport(Library)] public static partial CUresult cuStreamBeginCapture_v2(nint hStream, CUstreamCaptureMode mode);
    [LibraryImport(Library)] public static partial CUresult cuStreamEndCapture(nint hStream, out nint phGraph);
    [LibraryImport(Library)] public static partial CUresult cuStreamIsCapturing(nint hStream, out CUstreamCaptureStatus captureStatus);
    [LibraryImport(Library)] public static partial CUresult cuGraphGetNodes(nint hGraph, nint* nodes, ref nuint numNodes);
    [LibraryImport(Library)] public static partial CUresult cuGraphInstantiateWithFlags(out nint phGraphExec, nint hGraph, ulong flags);
    [LibraryImport(Library)] public static partial CUresult cuGraphLaunch(nint hGraphExec, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuGraphExecDestroy(nint hGraphExec);
    [LibraryImport(Library)] public static partial CUresult cuGraphDestroy(nint hGraph);
}
