using CudnnResNet.Native.Safe;
using CudnnResNet.VirtualGpu.Tests.Cudnn;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cublas;

/// <summary>Products of matrices against sums in double.</summary>
[TestClass]
public sealed class ProductTests
{
    [TestMethod]
    [DataRow(false, false, EmulatorOrder.Late)]
    [DataRow(true, false, EmulatorOrder.Early)]
    [DataRow(false, true, EmulatorOrder.Late)]
    [DataRow(true, true, EmulatorOrder.Early)]
    public void Matrix_products_are_sums_of_products(bool transposeA, bool transposeB, EmulatorOrder order)
    {
        const int M = 10, N = 7, K = 65, Gap = 3;
        using (var gpu = new CudnnGpu(order))
        {
            CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
            int lda = (transposeA ? K : M) + Gap, ldb = (transposeB ? N : K) + Gap, ldc = M + Gap;
            float[] a = Numbers(lda * (transposeA ? M : K), 1), b = Numbers(ldb * (transposeB ? K : N), 2), old = Numbers(ldc * N, 3);
            DevicePointer c = gpu.Filled(old);
            cublas.Gemm(transposeA, transposeB, M, N, K, gpu.Filled(a), lda, gpu.Filled(b), ldb, c, ldc, alpha: 0.5f, beta: 2);
            double[] expected = [.. old.Select(value => (double)value)];
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++)
                {
                    double sum = 0;
                    for (int p = 0; p < K; p++) sum += (double)(transposeA ? a[i * lda + p] : a[p * lda + i]) * (transposeB ? b[p * ldb + j] : b[j * ldb + p]);
                    expected[j * ldc + i] = 0.5 * sum + 2 * old[j * ldc + i];
                }
            AreClose(expected, gpu.Read(c, old.Length));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_matrix_times_a_vector(bool transpose)
    {
        const int M = 5, N = 9;
        using var gpu = new CudnnGpu();
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        float[] a = Numbers(M * N, 1), x = Numbers(transpose ? M : N, 2);
        DevicePointer y = gpu.Empty(transpose ? N : M);
        cublas.Gemv(transpose, M, N, gpu.Filled(a), M, gpu.Filled(x), y);
        double[] expected = [.. Enumerable.Range(0, transpose ? N : M).Select(i => x.Select((value, p) => (double)value * (transpose ? a[i * M + p] : a[p * M + i])).Sum())];
        AreClose(expected, gpu.Read(y, expected.Length));
    }
}
