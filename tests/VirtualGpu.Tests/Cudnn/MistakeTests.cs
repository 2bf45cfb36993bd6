using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>What the emulator must catch where a GPU might compute nonsense or end the process.</summary>
[TestClass]
public sealed unsafe class MistakeTests
{
    private static readonly Shape X = new(2, 3, 6, 6), W = new(4, 3, 3, 3), Y = new(2, 4, 6, 6);

    [TestMethod]
    [DataRow("channels", "x (2, 5, 6, 6) has 5 channels, and w (4, 3, 3, 3) takes 3")]
    [DataRow("output", "the convolution of (2, 3, 6, 6) with (4, 3, 3, 3) is (2, 4, 6, 6), and the descriptor says (2, 4, 6, 5)")]
    [DataRow("window", "w (4, 3, 9, 9) is larger than the padded x (2, 3, 6, 6)")]
    [DataRow("type", "is of CUDNN_DATA_FLOAT, and tensor descriptor")]
    [DataRow("format", "is CUDNN_TENSOR_NCHW, and tensor descriptor")]
    public void Descriptors_that_do_not_fit(string mistake, string words)
    {
        using var gpu = new CudnnGpu();
        var x = gpu.Keep(new TensorDescriptor(2, mistake == "channels" ? 5 : 3, 6, 6));
        var w = gpu.Keep(mistake == "window" ? new FilterDescriptor(4, 3, 9, 9) : new FilterDescriptor(4, 3, 3, 3));
        var y = gpu.Keep(new TensorDescriptor(
            2, 4, 6, mistake == "output" ? 5 : 6, mistake == "type" ? DataType.Float16 : DataType.Float32, mistake == "format" ? TensorFormat.Nhwc : TensorFormat.Nchw));
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        Fails(words, () => gpu.Cudnn.ForwardAlgorithms(x, w, convolution, y));
        Fails(words, () => gpu.Cudnn.WorkspaceSize(x, w, convolution, ForwardAlgorithm.ImplicitGemm, y));
        Fails(words, () => gpu.Cudnn.ConvolutionForward(
            new(x, gpu.Empty(1)), new(w, gpu.Empty(1)), convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, new(y, gpu.Empty(1))));
    }

    [TestMethod]
    public void Descriptors_with_impossible_values()
    {
        using var gpu = new CudnnGpu();
        Fails("dimensions (0, 3, 6, 6): all have to be 1 or more", () => new TensorDescriptor(0, 3, 6, 6).Dispose());
        Fails("dimensions (4, 3, 3, -1): all have to be 1 or more", () => new FilterDescriptor(4, 3, 3, -1).Dispose());
        Fails("padding (-1, -1): 0 or more is allowed", () => new ConvolutionDescriptor(-1, 1, ConvolutionMath.Fma).Dispose());
        Fails("stride (0, 0): 1 or more is allowed", () => new ConvolutionDescriptor(1, 0, ConvolutionMath.Fma).Dispose());
        Fails("windows and strides have to be 1 or more", () => new AveragePoolingDescriptor(0, 2).Dispose());
        Fails("format 0 or type 77", () => new TensorDescriptor(1, 1, 1, 1, (DataType)77).Dispose());
        Fails("math type 9", () => new ConvolutionDescriptor(1, 1, (ConvolutionMath)9).Dispose());
        CollectionAssert.AreEqual(Array.Empty<string>(), Emulator.Leaks.Where(leak => leak.Contains("descriptor", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void Handles_that_are_none_of_the_kind_and_descriptors_that_say_nothing()
    {
        using var gpu = new CudnnGpu();
        nint handle = gpu.Cudnn.Value, stream = gpu.Stream.Value;
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "0x5 is no handle, and a cuDNN handle is needed", cudnnSetStream(5, stream));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "was passed where a cuDNN handle is needed", cudnnSetStream(stream, stream));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "was passed where a tensor descriptor is needed", cudnnDestroyTensorDescriptor(handle));
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreateTensorDescriptor(out nint descriptor));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "xDesc is tensor descriptor 0x", cudnnDeriveBNTensorDescriptor(descriptor, descriptor, cudnnBatchNormMode_t.CUDNN_BATCHNORM_SPATIAL));
        Assert.Contains("which was never set", Emulator.Mistakes.Last());
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "was passed where a filter descriptor is needed", cudnnDestroyFilterDescriptor(descriptor));
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnDestroyTensorDescriptor(descriptor));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "use after destruction: tensor descriptor", cudnnDestroyTensorDescriptor(descriptor));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "use after destruction: tensor descriptor", cudnnSetTensor4dDescriptor(descriptor, cudnnTensorFormat_t.CUDNN_TENSOR_NCHW, cudnnDataType_t.CUDNN_DATA_FLOAT, 1, 1, 1, 1));
    }

    [TestMethod]
    public void Work_without_a_stream_or_for_one_that_is_gone()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreate(out nint handle));
        cudnnStatus_t Run()
        {
            float one = 1, zero = 0;
            return cudnnConvolutionForward(
                handle, &one, x.Descriptor.Value, x.Data.Raw, w.Descriptor.Value, w.Data.Raw, convolution.Value, cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, 0, 0, &zero,
                y.Descriptor.Value, y.Data.Raw);
        }
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "work was given to a default stream", Run());
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "a default stream", cudnnSetStream(handle, 0));
        var stream = new CudaStream(gpu.Context);
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnSetStream(handle, stream.Value));
        stream.Dispose();
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "use after destruction: stream", Run());
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnDestroy(handle));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "use after destruction: cuDNN handle", cudnnDestroy(handle));
    }

    [TestMethod]
    public void No_context_is_current()
    {
        using var gpu = new CudnnGpu();
        Assert.AreEqual(CUresult.CUDA_SUCCESS, Native.Sys.Driver.cuCtxPopCurrent_v2(out nint context));
        Is(cudnnStatus_t.CUDNN_STATUS_NOT_INITIALIZED, "no context is current on this thread", cudnnCreate(out _));
        Is(cudnnStatus_t.CUDNN_STATUS_NOT_INITIALIZED, "no context is current on this thread", cudnnSetStream(gpu.Cudnn.Value, gpu.Stream.Value));
        // Descriptors need none.
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreateTensorDescriptor(out nint descriptor));
        Assert.Contains(leak => leak.StartsWith("tensor descriptor", StringComparison.Ordinal), Emulator.Leaks);
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnDestroyTensorDescriptor(descriptor));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, Native.Sys.Driver.cuCtxPushCurrent_v2(context));
    }

    [TestMethod]
    public void Workspaces_that_are_too_small_or_none()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        long needed = gpu.Cudnn.WorkspaceSize(x.Descriptor, w.Descriptor, convolution, ForwardAlgorithm.Gemm, y.Descriptor);
        Fails($"needs a workspace of {needed} bytes", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.Gemm, gpu.Workspace(needed - 4), y));
        Fails("gets a null pointer", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.Gemm, new(DevicePointer.Null, needed), y));
        Fails("overlap", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.Gemm, new(x.Data, needed), y));
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_workspace_is_memory_that_the_library_writes_to(EmulatorOrder order)
    {
        using var gpu = new CudnnGpu(order);
        DeviceTensor x = gpu.Tensor(X, new float[X.Count]), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W, new float[W.Count]);
        DevicePointer workspace = gpu.Filled(new float[256]);
        gpu.Cudnn.ConvolutionForward(x, w, gpu.Convolution(1, 1), ForwardAlgorithm.ImplicitPrecomputedGemm, new(workspace, 1024), y);
        Assert.IsTrue(gpu.Read(workspace, 256).All(float.IsNaN));
    }

    [TestMethod]
    [DataRow("unwritten", "read of unwritten memory: byte 0 of")]
    [DataRow("short", "out-of-bounds read of 864 bytes")]
    [DataRow("freed", "use after free: read of 864 bytes")]
    [DataRow("output", "out-of-bounds write of 1152 bytes")]
    [DataRow("workspace", "out-of-bounds write of 1024 bytes")]
    [DataRow("old", "read of unwritten memory: byte 0 of")]
    public void Memory_that_is_not_there_or_was_never_written(string mistake, string words)
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, mistake == "unwritten" ? null : new float[X.Count]), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W, new float[W.Count]);
        Workspace workspace = gpu.Workspace(1024);
        if (mistake == "short") x = x with { Data = gpu.Filled(new float[X.Count - 1]) };
        if (mistake == "output") y = y with { Data = gpu.Empty(Y.Count - 1) };
        if (mistake == "workspace") workspace = new(gpu.Empty(255), 1024);
        if (mistake == "freed")
        {
            using var freed = new DeviceBuffer(gpu.Context, "a test's", X.Count * sizeof(float));
            x = x with { Data = freed.Pointer };
        }
        gpu.Cudnn.ConvolutionForward(x, w, gpu.Convolution(1, 1), ForwardAlgorithm.ImplicitPrecomputedGemm, workspace, y, beta: mistake == "old" ? 1 : 0);
        CudaException error = Assert.Throws<CudaException>(gpu.Stream.Synchronize);
        Assert.Contains("cudnnConvolutionForward", error.Message);
        Assert.Contains(words, error.Message);
        Fails("earlier work failed", () => gpu.Cudnn.ConvolutionForward(x, w, gpu.Convolution(1, 1), ForwardAlgorithm.ImplicitGemm, workspace, y), isMistake: false);
    }

    [TestMethod]
    public void Addresses_that_are_null_misplaced_or_over_each_other()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        void Run(DeviceTensor from, DeviceTensor to) => gpu.Cudnn.ConvolutionForward(from, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, to);
        Fails("x is null", () => Run(x with { Data = DevicePointer.Null }, y));
        Fails("y is at 0x", () => Run(x, y with { Data = y.Data + 2 }));
        Fails("overlap", () => Run(x, y with { Data = x.Data }));
        Fails("overlap", () => Run(x, y with { Data = x.Data + (X.Count * sizeof(float) - 4) }));
        DeviceTensor same = gpu.Tensor(X);
        var relu = gpu.Keep(new ReluDescriptor());
        Fails("overlap", () => gpu.Cudnn.ReluForward(relu, same, same with { Data = same.Data + 4 }));
    }

    [TestMethod]
    public void Factors_are_read_by_the_host()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), c = gpu.Tensor(X);
        float one = 1;
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "alpha or beta is null", cudnnAddTensor(gpu.Cudnn.Value, null, x.Descriptor.Value, x.Data.Raw, &one, c.Descriptor.Value, c.Data.Raw));
        Is(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, "an address of the device", cudnnAddTensor(gpu.Cudnn.Value, &one, x.Descriptor.Value, x.Data.Raw, (float*)x.Data.Raw, c.Descriptor.Value, c.Data.Raw));
    }

    [TestMethod]
    public void Batch_norms_that_do_not_fit()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y), z = gpu.Tensor(X);
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor)), others = gpu.Keep(TensorDescriptor.ForBatchNorm(y.Descriptor));
        DevicePointer p = gpu.Empty(3), q = gpu.Empty(3);
        void Run(DeviceTensor to, TensorDescriptor of, double epsilon, double factor, DevicePointer running, DevicePointer saved) =>
            gpu.Cudnn.BatchNormForwardTraining(x, of, p, p, epsilon, factor, running, q, to, saved, q);
        Fails("(2, 4, 6, 6), and has to be (2, 3, 6, 6)", () => Run(y, parameters, 1e-5, 0.1, p, p));
        Fails("scale, bias, mean and variance is (1, 4, 1, 1), and has to be (1, 3, 1, 1)", () => Run(z, others, 1e-5, 0.1, p, p));
        Fails("epsilon -1: 0 or more is allowed", () => Run(z, parameters, -1, 0.1, p, p));
        Fails("exponentialAverageFactor 2: from 0 to 1 is allowed", () => Run(z, parameters, 1e-5, 2, p, p));
        Fails("one of resultRunningMean and resultRunningVariance is null", () => Run(z, parameters, 1e-5, 0.1, DevicePointer.Null, p));
        Fails("one of resultSaveMean and resultSaveInvVariance is null", () => Run(z, parameters, 1e-5, 0.1, p, DevicePointer.Null));
        Run(z, parameters, 1e-5, 0.1, p, p);
        Fails($"epsilon 0.001: the statistics at {p} were saved with 1E-05", () => gpu.Cudnn.BatchNormBackward(x, x, parameters, p, p, q, 1e-3, z, p, q));
        Fails("one of savedMean and savedInvVariance is null", () => gpu.Cudnn.BatchNormBackward(x, x, parameters, p, p, DevicePointer.Null, 1e-5, z, p, q));
    }

    [TestMethod]
    public void Layers_that_do_not_fit()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y);
        Fails("yDesc is (2, 4, 6, 6), and has to be (2, 3, 1, 1)", () => gpu.Cudnn.AveragePoolingForward(gpu.Keep(new AveragePoolingDescriptor(6, 6)), x, y));
        Fails("the window of 7x7 is larger", () => gpu.Cudnn.AveragePoolingForward(gpu.Keep(new AveragePoolingDescriptor(7, 7)), x, y));
        Fails("a is (2, 3, 6, 6): each dimension has to be 1 or that of c (2, 4, 6, 6)", () => gpu.Cudnn.Add(x, y));
        Fails("dbDesc is (2, 4, 6, 6), and has to be (1, 3, 1, 1)", () => gpu.Cudnn.ConvolutionBackwardBias(x, y));
        Fails("has to be (2, 3, 6, 6)", () => gpu.Cudnn.ReluForward(gpu.Keep(new ReluDescriptor()), x, y));
    }

    [TestMethod]
    public void What_the_emulator_does_not_compute_is_not_supported_and_no_mistake()
    {
        using var gpu = new CudnnGpu();
        var half = gpu.Keep(new TensorDescriptor(1, 1, 4, 4, DataType.Float16));
        var nhwc = gpu.Keep(new TensorDescriptor(1, 1, 4, 4, format: TensorFormat.Nhwc));
        var halfWeights = gpu.Keep(new FilterDescriptor(1, 1, 3, 3, DataType.Float16));
        var nhwcWeights = gpu.Keep(new FilterDescriptor(1, 1, 3, 3, format: TensorFormat.Nhwc));
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        DevicePointer p = gpu.Empty(16), q = gpu.Empty(16);
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(half));
        (string Words, Action Call)[] calls =
        [
            ("CUDNN_DATA_HALF", () => gpu.Cudnn.ForwardAlgorithms(half, halfWeights, convolution, half)),
            ("CUDNN_TENSOR_NHWC", () => gpu.Cudnn.ForwardAlgorithms(nhwc, nhwcWeights, convolution, nhwc)),
            ("CUDNN_DATA_HALF", () => gpu.Cudnn.BatchNormForwardInference(new(half, p), parameters, p, p, p, p, 1e-5, new(half, q))),
            ("CUDNN_DATA_HALF", () => gpu.Cudnn.ReluForward(gpu.Keep(new ReluDescriptor()), new(half, p), new(half, q))),
            ("CUDNN_TENSOR_NHWC", () => gpu.Cudnn.Add(new(nhwc, p), new(nhwc, q))),
            ("more than 2147483647 elements", () => new TensorDescriptor(65536, 65536, 1, 1).Dispose()),
        ];
        foreach (var (words, call) in calls)
        {
            CudnnException error = Assert.Throws<CudnnException>(call);
            Assert.IsTrue(error.IsNotSupported, error.Message);
            Assert.Contains(words, error.Message);
        }
        nint activation = 0;
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreateActivationDescriptor(out activation));
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnSetActivationDescriptor(activation, 0, cudnnNanPropagation_t.CUDNN_PROPAGATE_NAN, 0));
        float one = 1, zero = 0;
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(X);
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED, cudnnActivationForward(gpu.Cudnn.Value, activation, &one, x.Descriptor.Value, x.Data.Raw, &zero, y.Descriptor.Value, y.Data.Raw));
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnDestroyActivationDescriptor(activation));
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    public void What_is_left_at_the_end_is_a_leak()
    {
        nint handle, tensor;
        using (var gpu = new CudnnGpu())
        {
            Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreate(out handle));
            Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, cudnnCreateTensorDescriptor(out tensor));
            Assert.Contains($"cuDNN handle 0x{handle:x}", Emulator.Leaks);
        }
        Assert.HasCount(2, Emulator.Mistakes);
        Assert.Contains($"leak: cuDNN handle 0x{handle:x}", Emulator.Mistakes[0]);
        Assert.Contains($"leak: tensor descriptor 0x{tensor:x}", Emulator.Mistakes[1]);
    }

    private static void Fails(string words, Action action, bool isMistake = true)
    {
        CudnnException error = Assert.Throws<CudnnException>(action);
        Assert.IsFalse(error.IsNotSupported, error.Message);
        Assert.Contains(words, error.Message);
        if (isMistake) Assert.Contains(words, Emulator.Mistakes.Last());
    }

    private static void Is(cudnnStatus_t expected, string words, cudnnStatus_t actual)
    {
        Assert.AreEqual(expected, actual);
        Assert.Contains(words, Emulator.Mistakes.Last());
    }
}
