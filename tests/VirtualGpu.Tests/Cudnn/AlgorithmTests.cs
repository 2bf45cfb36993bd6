using CudnnResNet.Native.Safe;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>What the emulator says of algorithms: enough that a program has to choose, and to fall back.</summary>
[TestClass]
public sealed class AlgorithmTests
{
    private static readonly Shape X = new(2, 3, 6, 6), W = new(4, 3, 3, 3), Y = new(2, 4, 6, 6);

    [TestMethod]
    public void Heuristics_put_first_what_is_not_deterministic_and_last_what_is_not_supported()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        var forward = gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, y.Descriptor);
        var data = gpu.Cudnn.BackwardDataAlgorithms(w.Descriptor, y.Descriptor, convolution, x.Descriptor);
        var filter = gpu.Cudnn.BackwardFilterAlgorithms(x.Descriptor, y.Descriptor, convolution, w.Descriptor);
        Assert.AreEqual((8, 6, 7), (forward.Length, data.Length, filter.Length));
        Assert.IsTrue(forward.All(choice => choice.IsDeterministic));
        Assert.IsGreaterThan(0L, forward[0].Workspace);
        Assert.AreEqual((ForwardAlgorithm.Direct, false), (forward[^1].Algorithm, forward[^1].IsSupported));
        CollectionAssert.AreEqual(new[] { BackwardDataAlgorithm.Algorithm0 }, data.Where(choice => !choice.IsDeterministic).Select(choice => choice.Algorithm).ToArray());
        CollectionAssert.AreEqual(
            new[] { BackwardFilterAlgorithm.Algorithm0, BackwardFilterAlgorithm.Algorithm3 }, filter.TakeWhile(choice => !choice.IsDeterministic).Select(choice => choice.Algorithm).ToArray());
        Assert.AreEqual((BackwardFilterAlgorithm.Winograd, false), (filter[^1].Algorithm, filter[^1].IsSupported));
        Assert.IsTrue(forward.All(choice => choice is { Milliseconds: -1, Math: ConvolutionMath.Fma }));
    }

    [TestMethod]
    public void Some_need_a_stride_of_one()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X), y = gpu.Tensor(Y with { H = 3, W = 3 });
        DeviceFilter w = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 2);
        var supported = gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, y.Descriptor).Where(choice => choice.IsSupported).Select(choice => choice.Algorithm).ToArray();
        CollectionAssert.AreEqual(new[] { ForwardAlgorithm.ImplicitPrecomputedGemm, ForwardAlgorithm.ImplicitGemm, ForwardAlgorithm.Gemm }, supported);
        NotSupported("WINOGRAD cannot compute", () => gpu.Cudnn.WorkspaceSize(x.Descriptor, w.Descriptor, convolution, ForwardAlgorithm.Winograd, y.Descriptor));
        NotSupported("WINOGRAD cannot compute", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.Winograd, Workspace.None, y));
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Find_runs_within_the_workspace_and_answers_in_another_order(EmulatorOrder order)
    {
        using var gpu = new CudnnGpu(order);
        float[] xs = Numbers(X.Count, 1), ws = Numbers(W.Count, 2), ys = Numbers(Y.Count, 3);
        DeviceTensor x = gpu.Tensor(X, xs), y = gpu.Tensor(Y), dy = gpu.Tensor(Y, ys), dx = gpu.Tensor(X);
        DeviceFilter w = gpu.Filter(W, ws), dw = gpu.Filter(W);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        Workspace workspace = gpu.Workspace(2048);
        var forward = gpu.Cudnn.TimeForwardAlgorithms(x, w, convolution, workspace, y);
        var heuristics = gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, y.Descriptor);
        Assert.AreNotEqual(heuristics[0].Algorithm, forward[0].Algorithm);
        Assert.IsTrue(forward.TakeWhile(choice => choice.IsSupported).All(choice => choice.Workspace <= 2048 && choice.Milliseconds > 0));
        Assert.IsTrue(forward.SkipWhile(choice => choice.IsSupported).All(choice => !choice.IsSupported && (choice.Workspace > 2048 || choice.Algorithm == ForwardAlgorithm.Direct)));
        Assert.Contains(ForwardAlgorithm.Gemm, forward.Where(choice => !choice.IsSupported).Select(choice => choice.Algorithm));
        Assert.IsTrue(gpu.Cudnn.TimeBackwardDataAlgorithms(w, dy, convolution, workspace, dx)[0].IsSupported);
        Assert.IsTrue(gpu.Cudnn.TimeBackwardFilterAlgorithms(x, dy, convolution, workspace, dw)[0].IsSupported);
        Assert.AreEqual(3, Emulator.Counters.LibraryOperations);
        double[] expected = new double[Y.Count];
        Products(X, W, 1, 1, (at, tap, to) => expected[to] += (double)xs[at] * ws[tap]);
        AreClose(expected, gpu.Read(y.Data, Y.Count));
    }

    [TestMethod]
    public void Tensor_cores_round_what_they_multiply()
    {
        using var gpu = new CudnnGpu(capability: CudnnGpu.Ampere);
        float[] xs = Numbers(X.Count, 1), ws = Numbers(W.Count, 2);
        DeviceTensor x = gpu.Tensor(X, xs), y = gpu.Tensor(Y), exact = gpu.Tensor(Y), dy = gpu.Tensor(Y, Numbers(Y.Count, 3)), dx = gpu.Tensor(X);
        DeviceFilter w = gpu.Filter(W, ws), dw = gpu.Filter(W);
        ConvolutionDescriptor tf32 = gpu.Convolution(1, 1, ConvolutionMath.Default), fma = gpu.Convolution(1, 1);
        var choices = gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, tf32, y.Descriptor);
        Assert.AreEqual((ForwardAlgorithm.ImplicitPrecomputedGemm, ConvolutionMath.TensorCores), (choices[0].Algorithm, choices[0].Math));
        Assert.AreEqual(ConvolutionMath.Fma, choices[1].Math);
        Assert.IsTrue(gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, fma, y.Descriptor).All(choice => choice.Math == ConvolutionMath.Fma));
        // The math has to be set before one asks for the workspace.
        tf32.Math = choices[0].Math;
        Assert.AreEqual(choices[0].Workspace, gpu.Cudnn.WorkspaceSize(x.Descriptor, w.Descriptor, tf32, choices[0].Algorithm, y.Descriptor));
        Assert.IsGreaterThan(gpu.Cudnn.WorkspaceSize(x.Descriptor, w.Descriptor, fma, choices[0].Algorithm, y.Descriptor), choices[0].Workspace);
        Workspace workspace = gpu.Workspace(1 << 16);
        gpu.Cudnn.ConvolutionForward(x, w, tf32, choices[0].Algorithm, workspace, y);
        gpu.Cudnn.ConvolutionForward(x, w, fma, choices[0].Algorithm, workspace, exact);
        double[] rounded = new double[Y.Count], expected = new double[Y.Count];
        Products(X, W, 1, 1, (at, tap, to) =>
        {
            rounded[to] += (double)Round(xs[at]) * Round(ws[tap]);
            expected[to] += (double)xs[at] * ws[tap];
        });
        AreClose(rounded, gpu.Read(y.Data, Y.Count));
        AreClose(expected, gpu.Read(exact.Data, Y.Count));
        Assert.Throws<AssertFailedException>(() => AreClose(expected, gpu.Read(y.Data, Y.Count), 1e-5));

        // The gradients too.
        gpu.Cudnn.ConvolutionBackwardData(w, dy, fma, BackwardDataAlgorithm.Algorithm1, workspace, dx);
        gpu.Cudnn.ConvolutionBackwardFilter(x, dy, fma, BackwardFilterAlgorithm.Algorithm1, workspace, dw);
        float[] exactDx = gpu.Read(dx.Data, X.Count), exactDw = gpu.Read(dw.Data, W.Count);
        gpu.Cudnn.ConvolutionBackwardData(w, dy, tf32, BackwardDataAlgorithm.Algorithm1, workspace, dx);
        gpu.Cudnn.ConvolutionBackwardFilter(x, dy, tf32, BackwardFilterAlgorithm.Algorithm1, workspace, dw);
        CollectionAssert.AreNotEqual(exactDx, gpu.Read(dx.Data, X.Count));
        CollectionAssert.AreNotEqual(exactDw, gpu.Read(dw.Data, W.Count));
    }

    [TestMethod]
    public void Devices_before_Ampere_have_no_tf32()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, Numbers(X.Count, 1)), y = gpu.Tensor(Y), exact = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W, Numbers(W.Count, 2));
        Workspace workspace = gpu.Workspace(1024);
        gpu.Cudnn.ConvolutionForward(x, w, gpu.Convolution(1, 1, ConvolutionMath.TensorCores), ForwardAlgorithm.ImplicitPrecomputedGemm, workspace, y);
        gpu.Cudnn.ConvolutionForward(x, w, gpu.Convolution(1, 1), ForwardAlgorithm.ImplicitPrecomputedGemm, workspace, exact);
        CollectionAssert.AreEqual(gpu.Read(exact.Data, Y.Count), gpu.Read(y.Data, Y.Count));
    }

    [TestMethod]
    public void Algorithms_round_differently_and_each_the_same_every_time()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, Numbers(X.Count, 1)), y = gpu.Tensor(Y);
        DeviceFilter w = gpu.Filter(W, Numbers(W.Count, 2));
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        float[] Run(ForwardAlgorithm algorithm)
        {
            gpu.Cudnn.ConvolutionForward(x, w, convolution, algorithm, Workspace.None, y);
            return gpu.Read(y.Data, Y.Count);
        }
        float[] first = Run(ForwardAlgorithm.ImplicitGemm), other = Run(ForwardAlgorithm.Winograd);
        CollectionAssert.AreNotEqual(first, other);
        CollectionAssert.AreEqual(first, Run(ForwardAlgorithm.ImplicitGemm));
        CollectionAssert.AreEqual(other, Run(ForwardAlgorithm.Winograd));
    }

    [TestMethod]
    public void A_test_can_make_an_algorithm_or_a_function_unsupported()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(X, Numbers(X.Count, 1)), y = gpu.Tensor(Y), dx = gpu.Tensor(X);
        DeviceFilter w = gpu.Filter(W, Numbers(W.Count, 2));
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        Emulator.Interfere(["CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM", "CUDNN_CONVOLUTION_BWD_DATA_ALGO_0@2", "cudnnAddTensor"]);
        Assert.IsTrue(gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, y.Descriptor).Single(choice => choice.Algorithm == ForwardAlgorithm.ImplicitGemm).IsSupported);
        NotSupported("IMPLICIT_GEMM was made to answer so", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y));
        gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.Winograd, Workspace.None, y);
        gpu.Cudnn.ConvolutionBackwardData(w, y, convolution, BackwardDataAlgorithm.Algorithm0, Workspace.None, dx);
        NotSupported("ALGO_0 was made to answer so", () => gpu.Cudnn.ConvolutionBackwardData(w, y, convolution, BackwardDataAlgorithm.Algorithm0, Workspace.None, dx));
        gpu.Cudnn.ConvolutionBackwardData(w, y, convolution, BackwardDataAlgorithm.Algorithm0, Workspace.None, dx);
        NotSupported("cudnnAddTensor was made to answer so", () => gpu.Cudnn.Add(x, x));
        Assert.IsFalse(gpu.Cudnn.TimeForwardAlgorithms(x, w, convolution, Workspace.None, y).Single(choice => choice.Algorithm == ForwardAlgorithm.ImplicitGemm).IsSupported);
        // Find's first is the first time.
        Emulator.Interfere(["CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM@2"]);
        Assert.AreEqual(ForwardAlgorithm.ImplicitGemm, gpu.Cudnn.TimeForwardAlgorithms(x, w, convolution, Workspace.None, y)[0].Algorithm);
        NotSupported("IMPLICIT_GEMM was made to answer so", () => gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y));
        Emulator.Interfere();
        gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y);
        Assert.IsEmpty(Emulator.Mistakes);
    }

    private static void NotSupported(string words, Action action)
    {
        CudnnException error = Assert.Throws<CudnnException>(action);
        Assert.IsTrue(error.IsNotSupported, error.Message);
        Assert.Contains(words, error.Message);
    }

    private static float Round(float value) => BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(value) + 0x1000) & ~0x1FFF);
}
