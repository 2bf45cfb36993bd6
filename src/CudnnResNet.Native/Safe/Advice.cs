using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>What a user can do about a status. Null where nothing better is known than what the library says.</summary>
internal static class Advice
{
    private const string KernelFailed = "this kernel or an earlier one failed and the context is lost; compute-sanitizer names the kernel";

    public static string? For(CUresult status) => status switch
    {
        CUresult.CUDA_ERROR_OUT_OF_MEMORY => "smaller batches need less memory",
        CUresult.CUDA_ERROR_STUB_LIBRARY => "this libcuda is the stub of a toolkit, good for linking only: take its folder out of the search path",
        CUresult.CUDA_ERROR_NO_DEVICE => NoDevice,
        CUresult.CUDA_ERROR_INVALID_DEVICE => "GPUs are numbered from 0, and CUDA_VISIBLE_DEVICES hides some (nvidia-smi -L lists them)",
        CUresult.CUDA_ERROR_ECC_UNCORRECTABLE => "the GPU's memory has a defect: restart the machine, and have the GPU checked if it comes back",
        CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE => "this libcuda is of a compatibility package, which this GPU does not allow: take its folder out of the search path",
        CUresult.CUDA_ERROR_UNKNOWN => "the driver's kernel module does not answer, as after a suspend: restart the machine, or reload nvidia_uvm",
        CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE => "another process has the GPU for itself (nvidia-smi shows which)",
        CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION => "the driver's compiler is older than the kernels' PTX: update the driver",
        CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU => "the GPU is older than what the kernels are compiled for",
        CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND => "the driver's PTX compiler library is missing: reinstall the driver",
        CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH => "the driver was updated while its old kernel module is loaded: restart the machine",
        CUresult.CUDA_ERROR_SYSTEM_NOT_READY => "the GPU's services (for NVSwitch machines the fabric manager) are not running",
        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS or CUresult.CUDA_ERROR_MISALIGNED_ADDRESS or CUresult.CUDA_ERROR_LAUNCH_FAILED =>
            KernelFailed,
        CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED or CUresult.CUDA_ERROR_STREAM_CAPTURE_IMPLICIT => "a call that a graph cannot hold was made while a step was recorded; --no-graph does without",
        _ => null,
    };

    public static string? For(cudnnStatus_t status) => status switch
    {
        cudnnStatus_t.CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH => "cuDNN's libraries are of different versions: install one version only, or name its folder in CUDNNRESNET_CUDNN_PATH",
        cudnnStatus_t.CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED => "a library of cuDNN is missing or cannot be loaded: all of them belong into one folder, which CUDNNRESNET_CUDNN_PATH can name",
        cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED_INCOMPATIBLE_CUDA_DRIVER => "update the driver, or install the cuDNN that is built for the driver's CUDA version",
        cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH => "this cuDNN does not support this GPU: install another version",
        cudnnStatus_t.CUDNN_STATUS_NOT_INITIALIZED => "cuDNN found no usable GPU or driver",
        cudnnStatus_t.CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED => "smaller batches need less memory",
        _ when (uint)status / 1000 == (uint)cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED / 1000 => "another algorithm may support it",
        _ when (uint)status / 1000 == (uint)cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED / 1000 => KernelFailed,
        _ => null,
    };

    public static string? For(cublasStatus_t status) => status switch
    {
        cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED => "cuBLAS found no usable GPU or driver",
        cublasStatus_t.CUBLAS_STATUS_ALLOC_FAILED => "smaller batches need less memory",
        cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED => KernelFailed,
        cublasStatus_t.CUBLAS_STATUS_ARCH_MISMATCH => "this cuBLAS does not support this GPU: install another version",
        _ => null,
    };

    /// <summary>For a driver that shows no GPU.</summary>
    public static string NoDevice => Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible
        ? $"CUDA_VISIBLE_DEVICES={visible} leaves no GPU visible: unset it, or name one that is there (nvidia-smi -L lists them)"
        : "this machine has no NVIDIA GPU that the driver can see (nvidia-smi -L lists them)";
}
