using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Modules, their kernels, and launches.</summary>
internal static unsafe class ModuleExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadDataEx")]
    internal static CUresult cuModuleLoadDataEx(nint* module, void* image, uint numOptions, uint* options, void** optionValues) => Call.InContext(context =>
    {
        Call.Require(module is not null && image is not null, "module or image is null");
        Call.Require(numOptions == 0 || (options is not null && optionValues is not null), $"{numOptions} options, and none is given");
        Capture.Forbid(context.Machine, nameof(cuModuleLoadDataEx));
        try
        {
            *module = context.Machine.Handles.Add(new GpuModule(context, PtxImage.Parse((byte*)image, context.Device.Capability))).Handle;
            PtxImage.WriteLog("", numOptions, options, optionValues);
        }
        catch (DeviceFault fault)
        {
            PtxImage.WriteLog(fault.Message, numOptions, options, optionValues);
            throw;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuModuleUnload")]
    internal static CUresult cuModuleUnload(nint hmod) => Call.InContext(context =>
    {
        Capture.Forbid(context.Machine, nameof(cuModuleUnload));
        GpuModule module = Call.Object<GpuModule>(context, hmod, "module");
        context.Synchronize();
        module.Unload();
        return context.Machine.Broken;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetFunction")]
    internal static CUresult cuModuleGetFunction(nint* hfunc, nint hmod, byte* name) => Call.InContext(context =>
    {
        Call.Require(hfunc is not null && name is not null, "hfunc or name is null");
        string text = Marshal.PtrToStringUTF8((nint)name)!;
        GpuModule module = Call.Object<GpuModule>(context, hmod, "module");
        if (module.Function(text) is not { } function) throw new DeviceFault((int)CUresult.CUDA_ERROR_NOT_FOUND, $"{module} has no kernel {text}");
        *hfunc = function.Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuFuncGetAttribute")]
    internal static CUresult cuFuncGetAttribute(int* pi, int attrib, nint hfunc) => Call.InContext(context =>
    {
        Call.Require(pi is not null, "pi is null");
        *pi = Function(context, hfunc).Attribute(attrib) ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"the emulator does not know the function attribute {attrib}");
    });

    [UnmanagedCallersOnly(EntryPoint = "cuLaunchKernel")]
    internal static CUresult cuLaunchKernel(
        nint f, uint gridDimX, uint gridDimY, uint gridDimZ, uint blockDimX, uint blockDimY, uint blockDimZ,
        uint sharedMemBytes, nint hStream, void** kernelParams, void** extra) => Call.InContext(context =>
    {
        GpuFunction function = Function(context, f);
        GpuStream stream = Call.Stream(context, hStream);
        var grid = new Dim3(gridDimX, gridDimY, gridDimZ);
        var block = new Dim3(blockDimX, blockDimY, blockDimZ);
        LaunchLimits.Check(function.Kernel, grid, block, sharedMemBytes);
        byte[] parameters = LaunchLimits.Parameters(function.Kernel, kernelParams, extra);
        context.Machine.Counters.LaunchCalls++;
        stream.Give(new KernelLaunch(function, grid, block, (int)sharedMemBytes, parameters));
    });

    private static GpuFunction Function(GpuContext context, nint handle) => Call.Object<GpuFunction>(context, handle, "function");
}
