using CudnnResNet.Native.Safe;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>ReLU, average pooling, addition, the gradient of a bias.</summary>
[TestClass]
public sealed class LayerTests
{
    private static readonly float[] Edges = [-1, 0, 2, float.NaN, float.NegativeInfinity, float.PositiveInfinity, -0f, 1e-40f];

    [TestMethod]
    public void Relu_keeps_what_is_positive_or_no_number()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(1, 8, 1, 1);
        var relu = gpu.Keep(new ReluDescriptor());
        DeviceTensor x = gpu.Tensor(shape, Edges), y = gpu.Tensor(shape), dy = gpu.Tensor(shape, [1, 2, 3, 4, 5, 6, 7, 8]), dx = gpu.Tensor(shape);
        gpu.Cudnn.ReluForward(relu, x, y);
        gpu.Cudnn.ReluBackward(relu, x, y, dy, dx);
        CollectionAssert.AreEqual(new[] { 0, 0, 2, float.NaN, 0, float.PositiveInfinity, 0, 1e-40f }, gpu.Read(y.Data, 8));
        CollectionAssert.AreEqual(new float[] { 0, 0, 3, 4, 0, 6, 0, 8 }, gpu.Read(dx.Data, 8));
    }

    [TestMethod]
    public void Relu_may_write_over_its_input_and_takes_either_order_of_dimensions()
    {
        using var gpu = new CudnnGpu();
        var relu = gpu.Keep(new ReluDescriptor());
        var descriptor = gpu.Keep(new TensorDescriptor(1, 2, 1, 2, format: TensorFormat.Nhwc));
        var x = new DeviceTensor(descriptor, gpu.Filled([-1, 2, -3, 4]));
        gpu.Cudnn.ReluForward(relu, x, x, alpha: 2, beta: 0);
        CollectionAssert.AreEqual(new float[] { 0, 4, 0, 8 }, gpu.Read(x.Data, 4));
        gpu.Cudnn.ReluForward(relu, x, x, alpha: 1, beta: 1);
        CollectionAssert.AreEqual(new float[] { 0, 8, 0, 16 }, gpu.Read(x.Data, 4));
    }

    [TestMethod]
    [DataRow(3, 5, 4, 6, 2, 3)]
    [DataRow(1, 2, 8, 8, 8, 8)]
    [DataRow(2, 1, 5, 7, 2, 2)]
    public void Average_pooling_averages_windows_and_spreads_gradients(int n, int c, int h, int w, int height, int width)
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(n, c, h, w), pooled = new(n, c, (h - height) / height + 1, (w - width) / width + 1);
        float[] values = Numbers(shape.Count, 1), gradients = Numbers(pooled.Count, 2);
        var pooling = gpu.Keep(new AveragePoolingDescriptor(height, width));
        DeviceTensor x = gpu.Tensor(shape, values), y = gpu.Tensor(pooled), dy = gpu.Tensor(pooled, gradients), dx = gpu.Tensor(shape);
        gpu.Cudnn.AveragePoolingForward(pooling, x, y);
        gpu.Cudnn.AveragePoolingBackward(pooling, x, y, dy, dx);
        double[] expectedY = new double[pooled.Count], expectedDx = new double[shape.Count];
        for (int image = 0; image < n; image++)
            for (int channel = 0; channel < c; channel++)
                for (int row = 0; row < pooled.H * height; row++)
                    for (int column = 0; column < pooled.W * width; column++)
                    {
                        int window = pooled[image, channel, row / height, column / width], cell = shape[image, channel, row, column];
                        expectedY[window] += values[cell] / (double)(height * width);
                        expectedDx[cell] = gradients[window] / (double)(height * width);
                    }
        AreClose(expectedY, gpu.Read(y.Data, pooled.Count));
        AreClose(expectedDx, gpu.Read(dx.Data, shape.Count));
    }

    [TestMethod]
    public void Addition_repeats_dimensions_of_one()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(2, 3, 1, 2);
        float[] old = Numbers(shape.Count, 1);
        DeviceTensor c = gpu.Tensor(shape, old);
        gpu.Cudnn.Add(gpu.Tensor(new(1, 3, 1, 1), [10, 20, 30]), c);
        double[] expected = [.. old.Select((value, i) => value + (i / 2 % 3 + 1) * 10.0)];
        AreClose(expected, gpu.Read(c.Data, shape.Count));
        gpu.Cudnn.Add(gpu.Tensor(shape, old), c, alpha: -1, beta: 2);
        AreClose([.. expected.Select((value, i) => 2 * value - old[i])], gpu.Read(c.Data, shape.Count));
    }

    [TestMethod]
    public void The_gradient_of_a_bias_is_the_sum_of_its_channel()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(3, 2, 5, 3);
        float[] values = Numbers(shape.Count, 1);
        DeviceTensor db = gpu.Tensor(new(1, 2, 1, 1));
        gpu.Cudnn.ConvolutionBackwardBias(gpu.Tensor(shape, values), db);
        double[] expected = [.. Enumerable.Range(0, 2).Select(c => values.Where((_, i) => i / 15 % 2 == c).Sum(value => (double)value))];
        AreClose(expected, gpu.Read(db.Data, 2));
    }

    [TestMethod]
    public void Work_takes_time_that_is_no_time()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(1, 2, 3, 4);
        DeviceTensor x = gpu.Tensor(shape, new float[shape.Count]);
        CudaEvent start = gpu.Keep(new CudaEvent(gpu.Context, timing: true)), end = gpu.Keep(new CudaEvent(gpu.Context, timing: true));
        start.Record(gpu.Stream);
        gpu.Cudnn.Add(x, x);
        end.Record(gpu.Stream);
        end.Synchronize();
        Assert.AreEqual(2 * shape.Count * 1e-6f, CudaEvent.Milliseconds(start, end));
    }
}
