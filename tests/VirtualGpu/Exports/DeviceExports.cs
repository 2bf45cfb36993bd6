using System.Runtime.InteropServices;
using System.Text;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>The driver itself, and its devices.</summary>
internal static unsafe class DeviceExports
{
    // CUDA 12.0, the least that the engine accepts.
    private const int Version = 12000;

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    internal static CUresult cuInit(uint Flags) => Call.Always(machine =>
    {
        Call.Require(Flags == 0, $"flags {Flags}: only 0 is allowed");
        return machine.Initialize();
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    internal static CUresult cuDriverGetVersion(int* driverVersion) => Call.Uncounted(_ =>
    {
        Call.Require(driverVersion is not null, "driverVersion is null");
        *driverVersion = Version;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorName")]
    internal static CUresult cuGetErrorName(CUresult error, byte** pStr) => Call.Uncounted(_ =>
    {
        *pStr = ErrorTexts.Name(error);
        return *pStr is null ? CUresult.CUDA_ERROR_INVALID_VALUE : CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    internal static CUresult cuGetErrorString(CUresult error, byte** pStr) => Call.Uncounted(machine =>
    {
        *pStr = ErrorTexts.Sentence(error, machine.Report.Last(error));
        return *pStr is null ? CUresult.CUDA_ERROR_INVALID_VALUE : CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuProfilerStart")]
    internal static CUresult cuProfilerStart() => Call.InContext(context => { context.Machine.Counters.ProfilerStarts++; });

    [UnmanagedCallersOnly(EntryPoint = "cuProfilerStop")]
    internal static CUresult cuProfilerStop() => Call.InContext(context => { context.Machine.Counters.ProfilerStops++; });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    internal static CUresult cuDeviceGetCount(int* count) => Call.Initialized(machine =>
    {
        Call.Require(count is not null, "count is null");
        *count = machine.Devices.Count;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    internal static CUresult cuDeviceGet(int* device, int ordinal) => Call.OnDevice(ordinal, _ =>
    {
        Call.Require(device is not null, "device is null");
        *device = ordinal;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    internal static CUresult cuDeviceGetName(byte* name, int len, int dev) => Call.OnDevice(dev, _ =>
    {
        Call.Require(name is not null && len > 0, $"no room for the name: {len} bytes");
        int written = Encoding.ASCII.GetBytes(GpuDevice.Name.AsSpan(0, Math.Min(GpuDevice.Name.Length, len - 1)), new Span<byte>(name, len));
        name[written] = 0;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    internal static CUresult cuDeviceTotalMem_v2(nuint* bytes, int dev) => Call.OnDevice(dev, device =>
    {
        Call.Require(bytes is not null, "bytes is null");
        *bytes = (nuint)device.Memory.Total;
        return CUresult.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    internal static CUresult cuDeviceGetAttribute(int* pi, int attrib, int dev) => Call.OnDevice(dev, device =>
    {
        Call.Require(pi is not null, "pi is null");
        *pi = device.Attribute(attrib) ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"the emulator does not know the device attribute {attrib}");
        return CUresult.CUDA_SUCCESS;
    });
}
