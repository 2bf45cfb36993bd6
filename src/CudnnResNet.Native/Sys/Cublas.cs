using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Sys;

/// <summary>
/// The functions of cuBLAS that the engine calls, the same in CUDA 12 and 13: C names, parameter names of cublas_api.h. Matrices are
/// column-major; device memory is <c>nint</c>, <c>alpha</c> and <c>beta</c> point to floats of the host.
/// </summary>
internal static unsafe partial class Cublas
{
    public const string Library = "libcublas";

    static Cublas() => ImportResolver.Register();

    [LibraryImport(Library)] public static partial byte* cublasGetStatusName(cublasStatus_t status);
    [LibraryImport(Library)] public static partial byte* cublasGetStatusString(cublasStatus_t status);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasCreate_v2(out nint handle);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasDestroy_v2(nint handle);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasGetVersion_v2(nint handle, out int version);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasSetStream_v2(nint handle, nint streamId);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasSetWorkspace_v2(nint handle, nint workspace, nuint workspaceSizeInBytes);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasSetMathMode(nint handle, cublasMath_t mode);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasSgemm_v2(
        nint handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        float* alpha, nint A, int lda, nint B, int ldb, float* beta, nint C, int ldc);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasSgemv_v2(
        nint handle, cublasOperation_t trans, int m, int n, float* alpha, nint A, int lda, nint x, int incx, float* beta, nint y, int incy);
}

internal enum cublasStatus_t : uint
{
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_ALLOC_FAILED = 3,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_ARCH_MISMATCH = 8,
    CUBLAS_STATUS_MAPPING_ERROR = 11,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_INTERNAL_ERROR = 14,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
    CUBLAS_STATUS_LICENSE_ERROR = 16,
}

internal enum cublasOperation_t : uint
{
    CUBLAS_OP_N = 0,
    CUBLAS_OP_T = 1,
}

internal enum cublasMath_t : uint
{
    CUBLAS_DEFAULT_MATH = 0,
    CUBLAS_TF32_TENSOR_OP_MATH = 3,
}
