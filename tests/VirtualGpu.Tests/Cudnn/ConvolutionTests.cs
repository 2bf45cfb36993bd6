using CudnnResNet.Native.Safe;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>The three passes of a convolution against sums of products in double, with every algorithm.</summary>
[TestClass]
public sealed class ConvolutionTests
{
    [TestMethod]
    [DataRow(1, 3, 16, 32, 3, 1, 1, EmulatorOrder.Late)]
    [DataRow(3, 16, 6, 9, 3, 1, 2, EmulatorOrder.Early)]
    [DataRow(2, 5, 7, 8, 3, 1, 2, EmulatorOrder.Late)]
    [DataRow(3, 2, 3, 5, 3, 1, 1, EmulatorOrder.Early)]
    [DataRow(1, 4, 5, 7, 1, 0, 1, EmulatorOrder.Late)]
    [DataRow(2, 3, 2, 11, 5, 2, 3, EmulatorOrder.Late)]
    [DataRow(1, 2, 9, 13, 3, 0, 2, EmulatorOrder.Late)]
    public void Passes_are_sums_of_products_with_every_algorithm(int n, int c, int k, int size, int window, int padding, int stride, EmulatorOrder order)
    {
        using (var gpu = new CudnnGpu(order))
        {
            Shape xShape = new(n, c, size, size + 1), wShape = new(k, c, window, window), yShape = Output(xShape, wShape, padding, stride);
            float[] xValues = Numbers(xShape.Count, 1), wValues = Numbers(wShape.Count, 2), dyValues = Numbers(yShape.Count, 3);
            double[] expectedY = new double[yShape.Count], expectedDx = new double[xShape.Count], expectedDw = new double[wShape.Count];
            Products(xShape, wShape, padding, stride, (x, w, y) =>
            {
                expectedY[y] += (double)xValues[x] * wValues[w];
                expectedDx[x] += (double)dyValues[y] * wValues[w];
                expectedDw[w] += (double)dyValues[y] * xValues[x];
            });
            DeviceTensor x = gpu.Tensor(xShape, xValues), dy = gpu.Tensor(yShape, dyValues);
            DeviceFilter w = gpu.Filter(wShape, wValues);
            ConvolutionDescriptor convolution = gpu.Convolution(padding, stride);
            Assert.AreEqual((yShape.N, yShape.C, yShape.H, yShape.W), convolution.OutputShape(x.Descriptor, w.Descriptor));

            int ran = 0;
            foreach (var choice in gpu.Cudnn.ForwardAlgorithms(x.Descriptor, w.Descriptor, convolution, dy.Descriptor).Where(choice => choice.IsSupported))
            {
                DeviceTensor y = gpu.Tensor(yShape);
                Assert.AreEqual(choice.Workspace, gpu.Cudnn.WorkspaceSize(x.Descriptor, w.Descriptor, convolution, choice.Algorithm, y.Descriptor));
                gpu.Cudnn.ConvolutionForward(x, w, convolution, choice.Algorithm, gpu.Workspace(choice.Workspace), y);
                AreClose(expectedY, gpu.Read(y.Data, yShape.Count), what: $"y with {choice.Algorithm}");
                ran++;
            }
            foreach (var choice in gpu.Cudnn.BackwardDataAlgorithms(w.Descriptor, dy.Descriptor, convolution, x.Descriptor).Where(choice => choice.IsSupported))
            {
                DeviceTensor dx = gpu.Tensor(xShape);
                Assert.AreEqual(choice.Workspace, gpu.Cudnn.WorkspaceSize(w.Descriptor, dy.Descriptor, convolution, choice.Algorithm, dx.Descriptor));
                gpu.Cudnn.ConvolutionBackwardData(w, dy, convolution, choice.Algorithm, gpu.Workspace(choice.Workspace), dx);
                AreClose(expectedDx, gpu.Read(dx.Data, xShape.Count), what: $"dx with {choice.Algorithm}");
                ran++;
            }
            foreach (var choice in gpu.Cudnn.BackwardFilterAlgorithms(x.Descriptor, dy.Descriptor, convolution, w.Descriptor).Where(choice => choice.IsSupported))
            {
                DeviceFilter dw = gpu.Filter(wShape);
                Assert.AreEqual(choice.Workspace, gpu.Cudnn.WorkspaceSize(x.Descriptor, dy.Descriptor, convolution, choice.Algorithm, dw.Descriptor));
                gpu.Cudnn.ConvolutionBackwardFilter(x, dy, convolution, choice.Algorithm, gpu.Workspace(choice.Workspace), dw);
                AreClose(expectedDw, gpu.Read(dw.Data, wShape.Count), what: $"dw with {choice.Algorithm}");
                ran++;
            }
            Assert.IsGreaterThanOrEqualTo(8, ran);
            Assert.AreEqual(((long)ran, (long)ran), (Emulator.Counters.LibraryCalls, Emulator.Counters.LibraryOperations));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(1f, 1f)]
    [DataRow(0.5f, 0f)]
    [DataRow(-2f, 0.25f)]
    public void Results_are_scaled_and_added_to_what_was_there(float alpha, float beta)
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(2, 4, 5, 6), wShape = new(4, 4, 3, 3);
        float[] xValues = Numbers(shape.Count, 1), wValues = Numbers(wShape.Count, 2), oldY = Numbers(shape.Count, 3), oldW = Numbers(wShape.Count, 4);
        DeviceTensor x = gpu.Tensor(shape, xValues), y = gpu.Tensor(shape, oldY), dx = gpu.Tensor(shape, oldY);
        DeviceFilter w = gpu.Filter(wShape, wValues), dw = gpu.Filter(wShape, oldW);
        ConvolutionDescriptor convolution = gpu.Convolution(1, 1);
        gpu.Cudnn.ConvolutionForward(x, w, convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, y, alpha, beta);
        gpu.Cudnn.ConvolutionBackwardData(w, x, convolution, BackwardDataAlgorithm.Algorithm0, Workspace.None, dx, alpha, beta);
        gpu.Cudnn.ConvolutionBackwardFilter(x, x, convolution, BackwardFilterAlgorithm.Algorithm0, Workspace.None, dw, alpha, beta);
        double[] expectedY = [.. oldY.Select(value => (double)beta * value)], expectedDx = [.. expectedY], expectedDw = [.. oldW.Select(value => (double)beta * value)];
        Products(shape, wShape, 1, 1, (at, tap, to) =>
        {
            expectedY[to] += (double)alpha * xValues[at] * wValues[tap];
            expectedDx[at] += (double)alpha * xValues[to] * wValues[tap];
            expectedDw[tap] += (double)alpha * xValues[to] * xValues[at];
        });
        AreClose(expectedY, gpu.Read(y.Data, shape.Count));
        AreClose(expectedDx, gpu.Read(dx.Data, shape.Count));
        AreClose(expectedDw, gpu.Read(dw.Data, wShape.Count));
    }
}
