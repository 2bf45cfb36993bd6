using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cublas;

namespace CudnnResNet.Native.Safe;

/// <summary>What a matrix product may compute with.</summary>
public enum MatrixMath
{
    /// <summary>Full 32-bit floats.</summary>
    Float32 = (int)cublasMath_t.CUBLAS_DEFAULT_MATH,

    /// <summary>TF32 tensor cores, from Ampere on.</summary>
    TensorFloat32 = (int)cublasMath_t.CUBLAS_TF32_TENSOR_OP_MATH,
}

/// <summary>cuBLAS on one stream, with a workspace of its own so that a graph can hold its calls. One thread uses it at a time.</summary>
public sealed unsafe class CublasHandle : CudaObject
{
    /// <summary>Starts cuBLAS; loads it where this is the first time.</summary>
    /// <param name="stream">Where its work goes; its context is current on this thread.</param>
    /// <param name="workspace">Its memory, which outlives it; NVIDIA advises 4 MiB, from Hopper on 32 MiB.</param>
    /// <param name="math">What it may compute with.</param>
    /// <exception cref="Loading.NativeLibraryNotFoundException">cuBLAS is not on this machine.</exception>
    /// <exception cref="CublasException">It does not fit the driver or the GPU.</exception>
    public CublasHandle(CudaStream stream, Workspace workspace, MatrixMath math = MatrixMath.Float32)
    {
        Check(cublasCreate_v2(out nint made), $"{stream.Context.Device}");
        Own(made, stream.Context, () =>
        {
            // In this order: setting the stream puts cuBLAS's own workspace back.
            Check(cublasSetStream_v2(Value, stream.Value), $"");
            Check(cublasSetWorkspace_v2(Value, workspace.Pointer.Raw, (nuint)workspace.Bytes), $"{workspace.Bytes} bytes");
            Check(cublasSetMathMode(Value, (cublasMath_t)math), $"{math}");
        });
    }

    /// <summary>cuBLAS's version, such as 12.6.4.</summary>
    public Version Version
    {
        get
        {
            Check(cublasGetVersion_v2(Value, out int number), $"");
            return new(number / 10000, number / 100 % 100, number % 100);
        }
    }

    /// <summary>C = alpha * op(A) op(B) + beta * C, column-major: op(A) is (m, k), op(B) (k, n), C (m, n); ld* are the columns' lengths in memory.</summary>
    public void Gemm(
        bool transposeA, bool transposeB, int m, int n, int k, DevicePointer a, int lda, DevicePointer b, int ldb, DevicePointer c, int ldc, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cublasSgemm");
        Check(
            cublasSgemm_v2(Value, Operation(transposeA), Operation(transposeB), m, n, k, &alpha, a.Raw, lda, b.Raw, ldb, &beta, c.Raw, ldc),
            $"op(A) ({m}, {k}){(transposeA ? " transposed" : "")}, op(B) ({k}, {n}){(transposeB ? " transposed" : "")}, lda {lda}, ldb {ldb}, ldc {ldc}");
    }

    /// <summary>y = alpha * op(A) x + beta * y, column-major: A is (m, n) in memory.</summary>
    public void Gemv(bool transpose, int m, int n, DevicePointer a, int lda, DevicePointer x, DevicePointer y, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cublasSgemv");
        Check(cublasSgemv_v2(Value, Operation(transpose), m, n, &alpha, a.Raw, lda, x.Raw, 1, &beta, y.Raw, 1), $"A ({m}, {n}){(transpose ? " transposed" : "")}, lda {lda}");
    }

    private protected override bool Destroy() => cublasDestroy_v2(handle) == cublasStatus_t.CUBLAS_STATUS_SUCCESS;

    private static cublasOperation_t Operation(bool transpose) => transpose ? cublasOperation_t.CUBLAS_OP_T : cublasOperation_t.CUBLAS_OP_N;
}
