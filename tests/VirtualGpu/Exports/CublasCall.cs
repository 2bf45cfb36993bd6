using System.Runtime.CompilerServices;
using CudnnResNet.VirtualGpu.Cublas;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>The frame of cuBLAS's functions; see <see cref="Call"/>.</summary>
internal static class CublasCall
{
    /// <summary>A function that needs a current context, and fails once some work has failed.</summary>
    public static cublasStatus_t InContext(Action<GpuContext> body, [CallerMemberName] string name = "") => Call.Counted(
        name,
        machine =>
        {
            GpuContext context = Call.CurrentContext(machine);
            if (machine.IsBroken) throw new LibraryFault(cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED, $"earlier work failed: {machine.Report.Last(machine.Broken)}", isMistake: false);
            body(context);
            return cublasStatus_t.CUBLAS_STATUS_SUCCESS;
        },
        Failed);

    /// <summary>A function of a handle, whose context is current.</summary>
    public static cublasStatus_t OnHandle(nint handle, Action<CublasHandle> body, [CallerMemberName] string name = "") =>
        InContext(context => body(Call.Object<CublasHandle>(context, handle, "cuBLAS handle")), name);

    /// <summary>Refuses arguments that make no sense.</summary>
    public static void That(bool valid, string what)
    {
        if (!valid) throw new LibraryFault(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, what);
    }

    private static cublasStatus_t Failed(Machine machine, string name, Exception error)
    {
        cublasStatus_t status = Status(error);
        string text = error is DeviceFault or LibraryFault or InjectedFailure ? $"{name}: {error.Message}" : $"{name}: the emulator itself failed: {error}";
        if (error is InjectedFailure or LibraryFault { IsMistake: false }) machine.Report.Note(status, text);
        else machine.Report.Add(status, text);
        return status;
    }

    private static cublasStatus_t Status(Exception error) => error switch
    {
        LibraryFault fault => (cublasStatus_t)fault.Status,
        InjectedFailure { IsOfMaking: true } => cublasStatus_t.CUBLAS_STATUS_ALLOC_FAILED,
        InjectedFailure => cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED,
        DeviceFault fault => (CUresult)fault.Code switch
        {
            // Wrong handles are so too.
            CUresult.CUDA_ERROR_NOT_INITIALIZED or CUresult.CUDA_ERROR_INVALID_CONTEXT or CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED or CUresult.CUDA_ERROR_INVALID_HANDLE => cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED,
            CUresult.CUDA_ERROR_INVALID_VALUE or CUresult.CUDA_ERROR_NOT_SUPPORTED => cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE,
            _ => cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED,
        },
        _ => cublasStatus_t.CUBLAS_STATUS_INTERNAL_ERROR,
    };
}
