using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cublas;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>cuBLAS.</summary>
internal static unsafe class CublasExports
{
    // 12.9.
    private const int Version = 120900;

    // What cuBLAS asks of a workspace's address.
    private const ulong WorkspaceAlignment = 256;

    [UnmanagedCallersOnly(EntryPoint = "cublasGetStatusName")]
    internal static byte* cublasGetStatusName(cublasStatus_t status)
    {
        lock (Machine.Gate) return ErrorTexts.Lasting(Enum.IsDefined(status) ? status.ToString() : "an unknown status");
    }

    [UnmanagedCallersOnly(EntryPoint = "cublasGetStatusString")]
    internal static byte* cublasGetStatusString(cublasStatus_t status)
    {
        lock (Machine.Gate)
        {
            string meaning = status switch
            {
                cublasStatus_t.CUBLAS_STATUS_SUCCESS => "the operation completed successfully",
                cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED => "the library was not initialized",
                cublasStatus_t.CUBLAS_STATUS_ALLOC_FAILED => "the resource allocation failed",
                cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE => "an invalid value was passed",
                cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED => "the GPU program failed to execute",
                cublasStatus_t.CUBLAS_STATUS_NOT_SUPPORTED => "the operation is not supported",
                _ => "an internal operation failed",
            };
            return ErrorTexts.Lasting(Machine.Current.Report.Last(status) is { } known ? $"{meaning}; the emulator says: {known}" : meaning);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cublasCreate_v2")]
    internal static cublasStatus_t cublasCreate_v2(nint* handle) => CublasCall.InContext(context =>
    {
        CublasCall.That(handle is not null, "handle is null");
        Capture.Forbid(context.Machine, nameof(cublasCreate_v2));
        *handle = context.Machine.Handles.Add(new CublasHandle(context)).Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasDestroy_v2")]
    internal static cublasStatus_t cublasDestroy_v2(nint handle) => CublasCall.OnHandle(handle, found =>
    {
        Capture.Forbid(found.Context.Machine, nameof(cublasDestroy_v2));
        found.IsDestroyed = true;
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasGetVersion_v2")]
    internal static cublasStatus_t cublasGetVersion_v2(nint handle, int* version) => CublasCall.OnHandle(handle, _ =>
    {
        CublasCall.That(version is not null, "version is null");
        *version = Version;
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasSetStream_v2")]
    internal static cublasStatus_t cublasSetStream_v2(nint handle, nint streamId) => CublasCall.OnHandle(handle, found => found.SetStream(streamId, nameof(cublasSetStream_v2)));

    [UnmanagedCallersOnly(EntryPoint = "cublasSetWorkspace_v2")]
    internal static cublasStatus_t cublasSetWorkspace_v2(nint handle, void* workspace, nuint workspaceSizeInBytes) => CublasCall.OnHandle(handle, found =>
    {
        CublasCall.That(workspace is not null || workspaceSizeInBytes == 0, $"a workspace of {workspaceSizeInBytes} bytes is at a null pointer");
        CublasCall.That((ulong)workspace % WorkspaceAlignment == 0, $"the workspace is at 0x{(ulong)workspace:x}, and has to be at a multiple of {WorkspaceAlignment}");
        if (workspaceSizeInBytes > 0) found.Context.Memory.CheckRange((ulong)workspace, (long)workspaceSizeInBytes, "write");
        found.SetWorkspace((ulong)workspace, (long)workspaceSizeInBytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasSetMathMode")]
    internal static cublasStatus_t cublasSetMathMode(nint handle, cublasMath_t mode) => CublasCall.OnHandle(handle, found =>
    {
        CublasCall.That(Enum.IsDefined(mode), $"mode {(uint)mode}: the emulator knows CUBLAS_DEFAULT_MATH, CUBLAS_PEDANTIC_MATH and CUBLAS_TF32_TENSOR_OP_MATH");
        found.Math = mode;
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasSgemm_v2")]
    internal static cublasStatus_t cublasSgemm_v2(
        nint handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        float* alpha, float* A, int lda, float* B, int ldb, float* beta, float* C, int ldc) => CublasCall.OnHandle(handle, found =>
    {
        CublasCall.That(m >= 0 && n >= 0 && k >= 0, $"m {m}, n {n}, k {k}: 0 or more is allowed");
        bool ta = IsTransposed(transa), tb = IsTransposed(transb);
        Multiply(
            found, nameof(cublasSgemm_v2), (m, n, k), Factors(alpha, beta), new((ulong)A, ta ? k : m, ta ? m : k, lda, ta), new((ulong)B, tb ? n : k, tb ? k : n, ldb, tb), new((ulong)C, m, n, ldc));
    });

    [UnmanagedCallersOnly(EntryPoint = "cublasSgemv_v2")]
    internal static cublasStatus_t cublasSgemv_v2(
        nint handle, cublasOperation_t trans, int m, int n, float* alpha, float* A, int lda, float* x, int incx, float* beta, float* y, int incy) => CublasCall.OnHandle(handle, found =>
    {
        CublasCall.That(m >= 0 && n >= 0, $"m {m}, n {n}: 0 or more is allowed");
        CublasCall.That(incx > 0 && incy > 0, $"incx {incx}, incy {incy}: the emulator takes 1 or more");
        bool transposed = IsTransposed(trans);
        var (results, terms) = transposed ? (n, m) : (m, n);
        // A vector whose elements lie apart is a matrix of one row.
        Multiply(
            found, nameof(cublasSgemv_v2), (results, 1, terms), Factors(alpha, beta), new((ulong)A, m, n, lda, transposed), new((ulong)x, 1, terms, incx, IsTransposed: true), new((ulong)y, 1, results, incy));
    });

    // c = alpha * a b + beta * c, where c is (m, n), or has one row and n = 1.
    private static void Multiply(CublasHandle handle, string name, (int M, int N, int K) size, Blend blend, Matrix a, Matrix b, Matrix c)
    {
        a.Check("A");
        b.Check("B");
        c.Check("C");
        c.CheckApart(a, "A");
        c.CheckApart(b, "B");
        if (size.M == 0 || size.N == 0) return;
        bool tf32 = handle.UsesTf32;
        handle.Give($"{name}, ({size.M}, {size.K}) times ({size.K}, {size.N})", (long)size.M * size.N * Math.Max(size.K, 1), memory =>
        {
            // alpha = 0 reads neither matrix.
            double[] product = blend.Alpha == 0 ? new double[size.M * size.N] : Matrix.Product(a.Read(memory, tf32), b.Read(memory, tf32), size.M, size.N, size.K);
            c.Store(memory, blend, product);
        });
    }

    private static Blend Factors(float* alpha, float* beta)
    {
        foreach (ulong address in new[] { (ulong)alpha, (ulong)beta })
        {
            CublasCall.That(address != 0, "alpha or beta is null");
            CublasCall.That(!AddressSpace.Holds(address), $"alpha or beta is at 0x{address:x}, an address of the device: they are read by the host");
        }
        return new(*alpha, *beta);
    }

    private static bool IsTransposed(cublasOperation_t operation)
    {
        CublasCall.That(Enum.IsDefined(operation), $"operation {(uint)operation}: from 0 to 2 is allowed");
        return operation != cublasOperation_t.CUBLAS_OP_N;
    }
}
