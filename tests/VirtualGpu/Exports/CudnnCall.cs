using System.Runtime.CompilerServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>The frame of cuDNN's functions; see <see cref="Call"/>.</summary>
internal static class CudnnCall
{
    [ThreadStatic]
    private static string? lastError;

    /// <summary>Why this thread's last failure was one; empty where there was none.</summary>
    public static string LastError => lastError ?? "";

    /// <summary>A function that needs neither context nor handle.</summary>
    public static cudnnStatus_t Always(Action<Machine> body, [CallerMemberName] string name = "") => Call.Counted(
        name,
        machine =>
        {
            body(machine);
            return cudnnStatus_t.CUDNN_STATUS_SUCCESS;
        },
        Failed);

    /// <summary>A function that needs a current context, and fails once some work has failed.</summary>
    public static cudnnStatus_t InContext(Action<GpuContext> body, [CallerMemberName] string name = "") => Always(
        machine =>
        {
            GpuContext context = Call.CurrentContext(machine);
            if (machine.IsBroken) throw new LibraryFault(cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER, $"earlier work failed: {machine.Report.Last(machine.Broken)}", isMistake: false);
            body(context);
        },
        name);

    /// <summary>A function of a handle, whose context is current.</summary>
    public static cudnnStatus_t OnHandle(nint handle, Action<CudnnHandle> body, [CallerMemberName] string name = "") => InContext(
        context =>
        {
            CudnnHandle found = Call.Object<CudnnHandle>(context, handle, "cuDNN handle");
            if (context.Machine.Interference.IsUnsupported(name)) throw Expect.NotSupported($"{name} was made to answer so");
            body(found);
        },
        name);

    private static cudnnStatus_t Failed(Machine machine, string name, Exception error)
    {
        cudnnStatus_t status = Status(error);
        lastError = error is DeviceFault or LibraryFault or InjectedFailure ? $"{name}: {error.Message}" : $"{name}: the emulator itself failed: {error}";
        if (error is InjectedFailure or LibraryFault { IsMistake: false }) machine.Report.Note(status, lastError);
        else machine.Report.Add(status, lastError);
        return status;
    }

    private static cudnnStatus_t Status(Exception error) => error switch
    {
        LibraryFault fault => (cudnnStatus_t)fault.Status,
        InjectedFailure { IsOfMaking: true } => cudnnStatus_t.CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED,
        InjectedFailure => cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED,
        DeviceFault fault => (CUresult)fault.Code switch
        {
            CUresult.CUDA_ERROR_NOT_INITIALIZED or CUresult.CUDA_ERROR_INVALID_CONTEXT or CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED => cudnnStatus_t.CUDNN_STATUS_NOT_INITIALIZED,
            CUresult.CUDA_ERROR_INVALID_HANDLE or CUresult.CUDA_ERROR_INVALID_VALUE or CUresult.CUDA_ERROR_NOT_SUPPORTED => cudnnStatus_t.CUDNN_STATUS_BAD_PARAM,
            _ => cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER,
        },
        _ => cudnnStatus_t.CUDNN_STATUS_INTERNAL_ERROR,
    };
}
