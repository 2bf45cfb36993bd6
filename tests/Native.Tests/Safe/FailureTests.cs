using CudnnResNet.Native.Safe;

namespace CudnnResNet.Native.Tests.Safe;

/// <summary>A call that fails throws its own type of exception, with the call, the operands, the library's words and what to do; nothing leaks.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FailureTests
{
    private const string WhatTheDriverSays = "what the driver says", KernelFailed = "this kernel or an earlier one failed and the context is lost; compute-sanitizer names the kernel";

    [TestInitialize]
    public void AllSucceed() => FakeGpu.AllSucceed();

    [TestMethod]
    public void A_convolution_says_its_tensors_and_what_cuDNN_says()
    {
        using var gpu = new Gpu();
        using var cudnn = new CudnnHandle(gpu.Stream);
        using var x = new TensorDescriptor(128, 16, 32, 32);
        using var w = new FilterDescriptor(32, 16, 3, 3);
        using var y = new TensorDescriptor(128, 32, 16, 16);
        using var convolution = new ConvolutionDescriptor(padding: 1, stride: 2, ConvolutionMath.Fma);
        FakeGpu.Fail("cudnnConvolutionForward", 3000);
        var error = Assert.ThrowsExactly<CudnnException>(() => cudnn.ConvolutionForward(
            new(x, default), new(w, default), convolution, ForwardAlgorithm.ImplicitPrecomputedGemm, new Workspace(default, 4096), new(y, default)));
        Assert.AreEqual(
            "cudnnConvolutionForward failed: CUDNN_STATUS_NOT_SUPPORTED; x (128, 16, 32, 32) Float32 Nchw, w (32, 16, 3, 3) Float32 Nchw, y (128, 32, 16, 16) Float32 Nchw, "
            + "padding 1, stride 2, Fma math, algorithm ImplicitPrecomputedGemm, workspace 4096; what cuDNN says; another algorithm may support it", error.Message);
        Assert.IsTrue(error.IsNotSupported);
        Assert.AreEqual(("cudnnConvolutionForward", 3000, "CUDNN_STATUS_NOT_SUPPORTED", "what cuDNN says"), (error.Call, error.Status, error.StatusName, error.Detail));
    }

    [TestMethod]
    public void Out_of_memory_says_how_much_was_needed_and_free()
    {
        using var gpu = new Gpu();
        using var arena = new DeviceArena(gpu.Context, "activations");
        arena.Reserve("y", 2_000_000);
        FakeGpu.Fail("cuMemAlloc_v2", 2);
        var error = Assert.ThrowsExactly<CudaOutOfMemoryException>(() => arena.Allocate(gpu.Stream));
        Assert.AreEqual((2_000_128L, 1_500_000L, 8_000_000L), (error.NeededBytes, error.FreeBytes, error.TotalBytes));
        Assert.AreEqual(
            $"cuMemAlloc_v2 failed: CUDA_ERROR_OUT_OF_MEMORY; activations needs 2.0 MB, 1.5 of 8.0 MB are free on Fake GPU; {WhatTheDriverSays}; smaller batches need less memory", error.Message);
    }

    [TestMethod]
    public void A_launch_says_its_kernel_and_sizes()
    {
        using var gpu = new Gpu();
        using var module = CudaModule.FromPtx(gpu.Context, "// ptx"u8, "sgd");
        CudaFunction kernel = module.GetFunction("sgd_update");
        FakeGpu.Fail("cuLaunchKernel", 701);
        var error = Assert.ThrowsExactly<CudaException>(() => kernel.Launch(gpu.Stream, new(80, 2), 256, 1024, 7, 0.5f));
        Assert.AreEqual(
            $"cuLaunchKernel failed: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES; kernel sgd_update, grid (80, 2, 1), block (256, 1, 1), 1024 bytes of shared memory, 2 arguments; {WhatTheDriverSays}",
            error.Message);
    }

    [TestMethod]
    public void Refused_PTX_says_where_it_is_from_and_what_the_compiler_says()
    {
        using var gpu = new Gpu();
        FakeGpu.Fail("cuModuleLoadDataEx", 222);
        var error = Assert.ThrowsExactly<CudaException>(() => CudaModule.FromPtx(gpu.Context, "// ptx"u8, "join"));
        Assert.AreEqual(
            "cuModuleLoadDataEx failed: CUDA_ERROR_UNSUPPORTED_PTX_VERSION; join: ptxas application ptx input, line 9 fatal: unsupported .version 9.9; "
            + $"{WhatTheDriverSays}; the driver's compiler is older than the kernels' PTX: update the driver", error.Message);
    }

    [TestMethod]
    public void A_matrix_product_says_its_sizes()
    {
        using var gpu = new Gpu();
        using var cublas = new CublasHandle(gpu.Stream, Workspace.None);
        FakeGpu.Fail("cublasSgemm_v2", 13);
        var error = Assert.ThrowsExactly<CublasException>(() => cublas.Gemm(true, false, 10, 128, 64, default, 64, default, 64, default, 10));
        Assert.AreEqual(
            $"cublasSgemm_v2 failed: CUBLAS_STATUS_EXECUTION_FAILED; op(A) (10, 64) transposed, op(B) (64, 128), lda 64, ldb 64, ldc 10; what cuBLAS says; {KernelFailed}", error.Message);
    }

    // What was created before the call that failed is destroyed at once, and not some day by the finaliser.
    [TestMethod]
    [DataRow("cudnnSetStream")]
    [DataRow("cudnnSetTensor4dDescriptor")]
    [DataRow("cudnnDeriveBNTensorDescriptor")]
    [DataRow("cudnnSetFilter4dDescriptor")]
    [DataRow("cudnnSetConvolution2dDescriptor")]
    [DataRow("cudnnSetConvolutionMathType")]
    [DataRow("cudnnSetPooling2dDescriptor")]
    [DataRow("cudnnSetActivationDescriptor")]
    [DataRow("cublasSetStream_v2")]
    [DataRow("cublasSetWorkspace_v2")]
    [DataRow("cublasSetMathMode")]
    [DataRow("cuMemsetD8Async")]
    [DataRow("cuModuleGetFunction")]
    public void Nothing_is_left_of_what_could_not_be_finished(string function)
    {
        using var gpu = new Gpu();
        int before = FakeGpu.Live;
        FakeGpu.Fail(function, 1);
        var error = Assert.Throws<NativeException>(() => UseEverything(gpu));
        Assert.AreEqual(function, error.Call);
        Assert.AreEqual(before, FakeGpu.Live);
    }

    [TestMethod]
    public void Pinned_memory_that_no_span_covers_is_refused_before_it_is_allocated()
    {
        using var gpu = new Gpu();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PinnedBuffer(gpu.Context, 1L << 31));
    }

    [TestMethod]
    public void Nothing_is_left_where_all_goes_well()
    {
        int before = FakeGpu.Live;
        using (var gpu = new Gpu())
        {
            UseEverything(gpu);
            Assert.AreEqual(before + 2, FakeGpu.Live);
        }
        Assert.AreEqual(before, FakeGpu.Live);
    }

    private static void UseEverything(Gpu gpu)
    {
        using var arena = new DeviceArena(gpu.Context, "arena");
        arena.Reserve("x", 16);
        arena.Allocate(gpu.Stream);
        using var module = CudaModule.FromPtx(gpu.Context, "// ptx"u8, "join");
        module.GetFunction("relu_forward");
        using var cudnn = new CudnnHandle(gpu.Stream);
        using var x = new TensorDescriptor(1, 3, 32, 32);
        using var parameters = TensorDescriptor.ForBatchNorm(x);
        using var w = new FilterDescriptor(16, 3, 3, 3);
        using var convolution = new ConvolutionDescriptor(padding: 1, stride: 1, ConvolutionMath.Fma);
        using var pooling = new AveragePoolingDescriptor(8, 8);
        using var relu = new ReluDescriptor();
        using var cublas = new CublasHandle(gpu.Stream, Workspace.None);
    }

    /// <summary>A context that is current on this thread, and a stream.</summary>
    private sealed class Gpu : IDisposable
    {
        private readonly ContextScope scope;

        public Gpu()
        {
            Context = new(CudaDriver.GetDevice(0));
            scope = Context.Enter();
            Stream = new(Context);
        }

        public CudaContext Context { get; }

        public CudaStream Stream { get; }

        public void Dispose()
        {
            Stream.Dispose();
            scope.Dispose();
            Context.Dispose();
        }
    }
}
