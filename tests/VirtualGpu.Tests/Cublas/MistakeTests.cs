using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using CudnnResNet.VirtualGpu.Tests.Cudnn;
using static CudnnResNet.Native.Sys.Cublas;

namespace CudnnResNet.VirtualGpu.Tests.Cublas;

/// <summary>What cuBLAS refuses.</summary>
[TestClass]
public sealed unsafe class MistakeTests
{
    [TestMethod]
    public void Versions_and_names_are_those_of_cublas()
    {
        using var gpu = new CudnnGpu();
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        Assert.AreEqual(new Version(12, 9, 0), cublas.Version);
        Assert.AreEqual((new Version(9, 10, 2), new CudaVersion(12, 9)), (CudnnHandle.Version, CudnnHandle.CudaVersion));
        CudnnHandle.CheckSubLibraries();
    }

    [TestMethod]
    public void Arguments_that_make_no_sense()
    {
        using var gpu = new CudnnGpu();
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        DevicePointer a = gpu.Filled(new float[16]), c = gpu.Empty(16);
        Fails("m -1, n 4, k 4: 0 or more is allowed", () => cublas.Gemm(false, false, -1, 4, 4, a, 4, a, 4, c, 4));
        Fails("the leading dimension of A is 3, and has to be its 4 rows or more", () => cublas.Gemm(false, false, 4, 4, 4, a, 3, a, 4, c, 4));
        Fails("the leading dimension of B is 1, and has to be its 2 rows or more", () => cublas.Gemm(false, true, 2, 2, 4, a, 4, a, 1, c, 2));
        Fails("C is null", () => cublas.Gemm(false, false, 4, 4, 4, a, 4, a, 4, DevicePointer.Null, 4));
        Fails("A is at 0x", () => cublas.Gemm(false, false, 2, 2, 2, a + 2, 2, a, 2, c, 2));
        Fails("A is read at", () => cublas.Gemm(false, false, 4, 4, 4, a, 4, a, 4, a, 4));
        Fails("B is read at", () => cublas.Gemv(false, 4, 4, a, 4, c, c));
        float one = 1;
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "alpha or beta is null", cublasSgemv_v2(cublas.Value, cublasOperation_t.CUBLAS_OP_N, 1, 1, &one, a.Raw, 1, a.Raw, 1, null, c.Raw, 1));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "an address of the device", cublasSgemv_v2(cublas.Value, cublasOperation_t.CUBLAS_OP_N, 1, 1, (float*)a.Raw, a.Raw, 1, a.Raw, 1, &one, c.Raw, 1));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "incx 0", cublasSgemv_v2(cublas.Value, cublasOperation_t.CUBLAS_OP_N, 1, 1, &one, a.Raw, 1, a.Raw, 0, &one, c.Raw, 1));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "operation 7", cublasSgemv_v2(cublas.Value, (cublasOperation_t)7, 1, 1, &one, a.Raw, 1, a.Raw, 1, &one, c.Raw, 1));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "mode 9", cublasSetMathMode(cublas.Value, (cublasMath_t)9));
        // Nothing to compute is no mistake, and no work.
        cublas.Gemm(false, false, 0, 4, 4, a, 4, a, 4, c, 4);
        Assert.AreEqual(0, Emulator.Counters.LibraryCalls);
    }

    [TestMethod]
    public void Workspaces_that_are_none()
    {
        using var gpu = new CudnnGpu();
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        DevicePointer memory = gpu.Empty(1024);
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "at a null pointer", cublasSetWorkspace_v2(cublas.Value, 0, 4096));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "has to be at a multiple of 256", cublasSetWorkspace_v2(cublas.Value, memory.Raw + 64, 256));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "lie behind the end", cublasSetWorkspace_v2(cublas.Value, memory.Raw, 4100));
        var buffer = new DeviceBuffer(gpu.Context, "a workspace", 4096);
        var careless = gpu.Keep(new CublasHandle(gpu.Stream, new(buffer.Pointer, buffer.Bytes)));
        buffer.Dispose();
        DevicePointer a = gpu.Filled([2]);
        careless.Gemv(false, 1, 1, a, 1, a, gpu.Empty(1));
        Assert.Contains("use after free: write of 4096 bytes", Assert.Throws<CudaException>(gpu.Stream.Synchronize).Message);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void What_lies_between_columns_is_neither_read_nor_written(EmulatorOrder order)
    {
        using (var gpu = new CudnnGpu(order))
        {
            CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
            DevicePointer a = gpu.Empty(6), c = gpu.Empty(6);
            // Columns of two, three apart; beta = 0 reads none of C, alpha = 0 none of A.
            gpu.Stream.Upload<float>([1, 2], a);
            gpu.Stream.Upload<float>([3, 4], a + 12);
            cublas.Gemm(false, false, 2, 2, 2, a, 3, a, 3, c, 3);
            CollectionAssert.AreEqual(new float[] { 7, 10 }, gpu.Read(c, 2));
            CollectionAssert.AreEqual(new float[] { 15, 22 }, gpu.Read(c + 12, 2));
            cublas.Gemm(false, false, 2, 2, 2, gpu.Empty(4), 2, gpu.Empty(4), 2, c, 3, alpha: 0, beta: 2);
            CollectionAssert.AreEqual(new float[] { 30, 44 }, gpu.Read(c + 12, 2));
            gpu.Stream.Synchronize();
            Assert.Contains("unwritten", Assert.Throws<CudaException>(() => gpu.Read(c, 3)).Message);
        }
        Assert.HasCount(1, Emulator.Mistakes);
    }

    [TestMethod]
    public void Handles_of_nothing_and_without_context()
    {
        using var gpu = new CudnnGpu();
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        Is(cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED, "was passed where a cuBLAS handle is needed", cublasSetStream_v2(gpu.Cudnn.Value, gpu.Stream.Value));
        Is(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, "a default stream", cublasSetStream_v2(cublas.Value, 0));
        Assert.AreEqual(cublasStatus_t.CUBLAS_STATUS_SUCCESS, cublasCreate_v2(out nint other));
        Assert.AreEqual(cublasStatus_t.CUBLAS_STATUS_SUCCESS, cublasDestroy_v2(other));
        Is(cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED, "use after destruction: cuBLAS handle", cublasDestroy_v2(other));
        Native.Sys.Driver.cuCtxPopCurrent_v2(out nint context);
        Is(cublasStatus_t.CUBLAS_STATUS_NOT_INITIALIZED, "no context is current on this thread", cublasCreate_v2(out _));
        Native.Sys.Driver.cuCtxPushCurrent_v2(context);
    }

    [TestMethod]
    public void Tf32_rounds_what_is_multiplied()
    {
        using var gpu = new CudnnGpu(capability: CudnnGpu.Ampere);
        float value = 1 + 1 / 4096f;
        DevicePointer a = gpu.Filled([value]), one = gpu.Filled([1]), y = gpu.Empty(1);
        gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096))).Gemv(false, 1, 1, a, 1, one, y);
        Assert.AreEqual(value, gpu.Read(y, 1)[0]);
        gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096), MatrixMath.TensorFloat32)).Gemv(false, 1, 1, a, 1, one, y);
        Assert.AreEqual(1, gpu.Read(y, 1)[0]);
    }

    private static void Fails(string words, Action action)
    {
        CublasException error = Assert.Throws<CublasException>(action);
        Assert.AreEqual(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE, (cublasStatus_t)error.Status);
        Assert.Contains(words, error.Message);
        Assert.Contains(words, Emulator.Mistakes.Last());
    }

    private static void Is(cublasStatus_t expected, string words, cublasStatus_t actual)
    {
        Assert.AreEqual(expected, actual);
        Assert.Contains(words, Emulator.Mistakes.Last());
    }
}
