using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.VirtualGpu.Tests.Cudnn.Arithmetic;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>Batch norm against its formulas in double.</summary>
[TestClass]
public sealed unsafe class BatchNormTests
{
    private const double Epsilon = 1e-5;

    [TestMethod]
    [DataRow(3, 4, 5, 7, EmulatorOrder.Late)]
    [DataRow(1, 3, 8, 8, EmulatorOrder.Early)]
    [DataRow(2, 5, 1, 1, EmulatorOrder.Late)]
    public void Forward_and_backward_are_their_formulas(int n, int c, int h, int w, EmulatorOrder order)
    {
        using (var gpu = new CudnnGpu(order))
        {
            Shape shape = new(n, c, h, w);
            float[] values = Numbers(shape.Count, 1), gradients = Numbers(shape.Count, 2), scales = Numbers(c, 3), biases = Numbers(c, 4), means = Numbers(c, 5), variances = [.. Numbers(c, 6).Select(Math.Abs)];
            DeviceTensor x = gpu.Tensor(shape, values), y = gpu.Tensor(shape), dy = gpu.Tensor(shape, gradients), dx = gpu.Tensor(shape);
            TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor));
            DevicePointer scale = gpu.Filled(scales), bias = gpu.Filled(biases), runningMean = gpu.Filled(means), runningVariance = gpu.Filled(variances);
            DevicePointer savedMean = gpu.Empty(c), savedDeviation = gpu.Empty(c), dscale = gpu.Empty(c), dbias = gpu.Empty(c);
            gpu.Cudnn.BatchNormForwardTraining(x, parameters, scale, bias, Epsilon, 0.1, runningMean, runningVariance, y, savedMean, savedDeviation);
            gpu.Cudnn.BatchNormBackward(x, dy, parameters, scale, savedMean, savedDeviation, Epsilon, dx, dscale, dbias);

            var expected = new Expected(shape, values, gradients, scales, biases);
            AreClose(expected.Y, gpu.Read(y.Data, shape.Count), what: "y");
            AreClose(expected.Mean, gpu.Read(savedMean, c), what: "saved mean");
            AreClose(expected.InverseDeviation, gpu.Read(savedDeviation, c), what: "saved inverse deviation");
            AreClose([.. means.Select((mean, i) => 0.9 * mean + 0.1 * expected.Mean[i])], gpu.Read(runningMean, c), what: "running mean");
            double unbiased = (double)expected.Count / (expected.Count - 1);
            AreClose([.. variances.Select((variance, i) => 0.9 * variance + 0.1 * unbiased * expected.Variance[i])], gpu.Read(runningVariance, c), what: "running variance");
            AreClose(expected.Dscale, gpu.Read(dscale, c), 1e-5, "dscale");
            AreClose(expected.Dbias, gpu.Read(dbias, c), what: "dbias");
            AreClose(expected.Dx, gpu.Read(dx.Data, shape.Count), 1e-5, "dx");
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    public void The_running_variance_of_a_single_value_is_no_number()
    {
        using var gpu = new CudnnGpu();
        DeviceTensor x = gpu.Tensor(new(1, 2, 1, 1), [3, 4]), y = gpu.Tensor(new(1, 2, 1, 1));
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor));
        DevicePointer mean = gpu.Filled([0, 0]), variance = gpu.Filled([1, 1]);
        gpu.Cudnn.BatchNormForwardTraining(x, parameters, gpu.Filled([2, 2]), gpu.Filled([5, 6]), Epsilon, 0.5, mean, variance, y, DevicePointer.Null, DevicePointer.Null);
        CollectionAssert.AreEqual(new float[] { 5, 6 }, gpu.Read(y.Data, 2));
        CollectionAssert.AreEqual(new[] { 1.5f, 2 }, gpu.Read(mean, 2));
        CollectionAssert.AreEqual(new[] { float.NaN, float.NaN }, gpu.Read(variance, 2));
    }

    [TestMethod]
    public void Inference_takes_the_running_statistics_and_leaves_them()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(3, 2, 3, 5);
        float[] values = Numbers(shape.Count, 1), means = [0.5f, -0.25f], variances = [0.5f, 2];
        DeviceTensor x = gpu.Tensor(shape, values), y = gpu.Tensor(shape);
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor));
        DevicePointer mean = gpu.Filled(means), variance = gpu.Filled(variances);
        gpu.Cudnn.BatchNormForwardInference(x, parameters, gpu.Filled([2, 3]), gpu.Filled([1, -1]), mean, variance, Epsilon, y);
        double[] expected = [.. values.Select((value, i) =>
        {
            int c = i / 15 % 2;
            return (c == 0 ? 2 : 3) * (value - means[c]) / Math.Sqrt(variances[c] + Epsilon) + (c == 0 ? 1 : -1);
        })];
        AreClose(expected, gpu.Read(y.Data, shape.Count));
        CollectionAssert.AreEqual(means, gpu.Read(mean, 2));
        CollectionAssert.AreEqual(variances, gpu.Read(variance, 2));
    }

    [TestMethod]
    public void Backward_adds_to_dx_and_finds_the_statistics_itself_where_none_are_saved()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(2, 3, 4, 4);
        float[] values = Numbers(shape.Count, 1), gradients = Numbers(shape.Count, 2), scales = Numbers(3, 3), old = Numbers(shape.Count, 4);
        DeviceTensor x = gpu.Tensor(shape, values), dy = gpu.Tensor(shape, gradients), dx = gpu.Tensor(shape, old);
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor));
        gpu.Cudnn.BatchNormBackward(x, dy, parameters, gpu.Filled(scales), DevicePointer.Null, DevicePointer.Null, Epsilon, dx, gpu.Empty(3), gpu.Empty(3), alpha: 2, beta: 1);
        double[] expected = new Expected(shape, values, gradients, scales, new float[3]).Dx;
        AreClose([.. old.Select((value, i) => value + 2 * expected[i])], gpu.Read(dx.Data, shape.Count), 1e-5);
    }

    [TestMethod]
    public void Gradients_of_the_parameters_can_be_added_to()
    {
        using var gpu = new CudnnGpu();
        Shape shape = new(2, 2, 3, 3);
        float[] values = Numbers(shape.Count, 1), gradients = Numbers(shape.Count, 2);
        DeviceTensor x = gpu.Tensor(shape, values), dy = gpu.Tensor(shape, gradients), dx = gpu.Tensor(shape);
        TensorDescriptor parameters = gpu.Keep(TensorDescriptor.ForBatchNorm(x.Descriptor));
        DevicePointer scale = gpu.Filled([1, 2]), dscale = gpu.Filled([10, 20]), dbias = gpu.Filled([30, 40]);
        float zero = 0, one = 1, half = 0.5f;
        Assert.AreEqual(cudnnStatus_t.CUDNN_STATUS_SUCCESS, Native.Sys.Cudnn.cudnnBatchNormalizationBackward(
            gpu.Cudnn.Value, cudnnBatchNormMode_t.CUDNN_BATCHNORM_SPATIAL_PERSISTENT, &one, &zero, &half, &one, x.Descriptor.Value, x.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, dx.Descriptor.Value, dx.Data.Raw,
            parameters.Value, scale.Raw, dscale.Raw, dbias.Raw, Epsilon, 0, 0));
        var expected = new Expected(shape, values, gradients, [1, 2], [0, 0]);
        AreClose([10 + expected.Dscale[0] / 2, 20 + expected.Dscale[1] / 2], gpu.Read(dscale, 2));
        AreClose([30 + expected.Dbias[0] / 2, 40 + expected.Dbias[1] / 2], gpu.Read(dbias, 2));
    }

    // One channel after the other.
    private sealed class Expected
    {
        public Expected(Shape shape, float[] x, float[] dy, float[] scale, float[] bias)
        {
            Count = shape.N * shape.H * shape.W;
            (Y, Dx) = (new double[shape.Count], new double[shape.Count]);
            (Mean, Variance, InverseDeviation, Dscale, Dbias) = (new double[shape.C], new double[shape.C], new double[shape.C], new double[shape.C], new double[shape.C]);
            for (int c = 0; c < shape.C; c++)
            {
                int[] places = [.. Enumerable.Range(0, shape.Count).Where(i => i / (shape.H * shape.W) % shape.C == c)];
                double mean = Mean[c] = places.Average(i => (double)x[i]);
                Variance[c] = places.Average(i => (x[i] - mean) * (x[i] - mean));
                double inverse = InverseDeviation[c] = 1 / Math.Sqrt(Variance[c] + Epsilon);
                Dbias[c] = places.Sum(i => (double)dy[i]);
                Dscale[c] = places.Sum(i => dy[i] * (x[i] - mean) * inverse);
                foreach (int i in places)
                {
                    Y[i] = scale[c] * (x[i] - mean) * inverse + bias[c];
                    Dx[i] = scale[c] * inverse * (dy[i] - Dbias[c] / Count - (x[i] - mean) * inverse * Dscale[c] / Count);
                }
            }
        }

        public int Count { get; }

        public double[] Y { get; }

        public double[] Mean { get; }

        public double[] Variance { get; }

        public double[] InverseDeviation { get; }

        public double[] Dx { get; }

        public double[] Dscale { get; }

        public double[] Dbias { get; }
    }
}
