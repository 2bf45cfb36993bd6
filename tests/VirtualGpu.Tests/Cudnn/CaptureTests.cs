using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Cudnn;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>cuDNN and cuBLAS in graphs, and what a capture forbids.</summary>
[TestClass]
public sealed class CaptureTests
{
    private static readonly Shape X = new(1, 2, 4, 4), W = new(2, 2, 3, 3);

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_graph_computes_at_each_launch_with_what_memory_holds_then(EmulatorOrder order)
    {
        using (var gpu = new CudnnGpu(order))
        {
            float[] xs = Numbers(X.Count, 1), ws = Numbers(W.Count, 2);
            DeviceTensor x = gpu.Tensor(X, new float[X.Count]), y = gpu.Tensor(X, new float[X.Count]);
            DeviceFilter w = gpu.Filter(W, ws);
            CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
            DevicePointer sum = gpu.Empty(1), ones = gpu.Filled(Enumerable.Repeat(1f, X.Count).ToArray());
            float[] expected = new float[X.Count];
            using (ConvolutionDescriptor convolution = new(1, 1, ConvolutionMath.Fma))
            {
                void Work()
                {
                    gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y, alpha: 2, beta: 1);
                    cublas.Gemm(true, false, 1, 1, X.Count, y.Data, X.Count, ones, X.Count, sum, 1);
                }
                Work();
                CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, Work));
                gpu.Stream.Synchronize();
                Assert.AreEqual((4L, 2L), (Emulator.Counters.LibraryCalls, Emulator.Counters.LibraryOperations));
                CollectionAssert.AreEqual(expected, gpu.Read(y.Data, X.Count));
                gpu.Keep(graph.Instantiate()).Launch(gpu.Stream);
                // The descriptor is not needed any more.
                convolution.Dispose();
                CudaGraphExec exec = gpu.Keep(graph.Instantiate());
                gpu.Stream.Upload<float>(xs, x.Data);
                for (int i = 0; i < 3; i++) exec.Launch(gpu.Stream);
            }
            double[] product = new double[X.Count];
            Products(X, W, 1, 1, (at, tap, to) => product[to] += 6.0 * xs[at] * ws[tap]);
            AreClose(product, gpu.Read(y.Data, X.Count));
            AreClose([product.Sum()], gpu.Read(sum, 1), 1e-5);
            Assert.AreEqual((4L, 10L), (Emulator.Counters.LibraryCalls, Emulator.Counters.LibraryOperations));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow("create", "cudnnCreate during the capture")]
    [DataRow("destroy", "cudnnDestroy during the capture")]
    [DataRow("stream", "cudnnSetStream to another stream during the capture")]
    [DataRow("find", "cudnnFindConvolutionForwardAlgorithmEx during the capture")]
    [DataRow("first", "for the first time on stream")]
    [DataRow("cublas create", "cublasCreate_v2 during the capture")]
    [DataRow("cublas stream", "cublasSetStream_v2 to another stream during the capture")]
    [DataRow("cublas workspace", "without a workspace of the program's")]
    public void What_a_graph_cannot_hold_loses_it(string call, string words)
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, new float[X.Count]), y = gpu.Tensor(X);
        DeviceFilter w = gpu.Filter(W, new float[W.Count]);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        CudaStream other = gpu.Keep(new CudaStream(gpu.Context));
        CublasHandle cublas = gpu.Keep(new CublasHandle(gpu.Stream, gpu.Workspace(4096)));
        if (call == "cublas workspace") Assert.AreEqual(cublasStatus_t.CUBLAS_STATUS_SUCCESS, Native.Sys.Cublas.cublasSetStream_v2(cublas.Value, gpu.Stream.Value));
        NativeException error = Assert.Throws<NativeException>(() => CudaGraph.Capture(gpu.Stream, () =>
        {
            // The same stream once more, and what the host alone does, is allowed.
            Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnSetStream(gpu.Cudnn.Value, gpu.Stream.Value));
            gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, y.Descriptor);
            switch (call)
            {
                case "create": new CudnnHandle(gpu.Stream).Dispose(); break;
                case "destroy": cudnnDestroy(gpu.Cudnn.Value); break;
                case "stream": cudnnSetStream(gpu.Cudnn.Value, other.Value); break;
                case "find": gpu.Cudnn.TimeForwardAlgorithms(x, w, convolution, Workspace.None, y); break;
                case "first": gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y); break;
                case "cublas create": new CublasHandle(gpu.Stream, Workspace.None).Dispose(); break;
                case "cublas stream": Native.Sys.Cublas.cublasSetStream_v2(cublas.Value, other.Value); break;
                default: cublas.Gemv(false, 1, 1, x.Data, 1, x.Data, y.Data); break;
            }
        }));
        Assert.Contains(words, string.Join(Environment.NewLine, Emulator.Mistakes));
        Assert.IsFalse(gpu.Stream.IsCapturing, error.Message);
        Assert.AreEqual(0, Emulator.Counters.LibraryCalls);
    }

    [TestMethod]
    public void A_lost_capture_takes_no_more_work()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, new float[X.Count]);
        gpu.Cudnn.Add(x, x);
        Assert.Throws<CudaException>(() => CudaGraph.Capture(gpu.Stream, () =>
        {
            Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER, cudnnCreate(out _));
            CudnnException error = Assert.Throws<CudnnException>(() => gpu.Cudnn.Add(x, x));
            Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER, (cudnnStatus_t)error.Status);
            Assert.Contains("is in a capture that is lost: cudnnCreate", error.Message);
        }));
    }
}
