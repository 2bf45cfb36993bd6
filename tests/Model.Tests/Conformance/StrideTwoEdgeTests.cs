using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>
/// A 3x3 convolution of stride 2 and padding 1 over 32 pixels: (32 + 2 - 3) / 2 + 1 = 16.5, so 16 windows, of which the last ends on pixel
/// 31. The padding behind the last row and column is never read. <see cref="Cpu.PaddingTests"/> shows the same of the cpu device's memory.
/// </summary>
[TestClass]
public sealed class StrideTwoEdgeTests : EmulatedGpuTests
{
    private const int N = 2, C = 16, K = 32;

    public static IEnumerable<object[]> Rows =>
        from device in TestDevices.RowsWithReference from shape in new (int H, int W)[] { (32, 32), (8, 10), (2, 2) } select new object[] { device[0], shape.H, shape.W };

    /// <summary>
    /// An image with one more row and column has NaN where the even image has its last padding. The outputs of the even image are there
    /// again, and finite; only those that are one more read the NaN.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void What_lies_behind_the_last_row_and_column_of_an_even_image_does_not_matter(string device, int height, int width)
    {
        double[] even = Convolve(device, height, width, (image, c, h, w) => Value(image, c, h, w));
        double[] odd = Convolve(device, height + 1, width + 1, (image, c, h, w) => h == height || w == width ? float.NaN : Value(image, c, h, w));
        int evenH = height / 2, evenW = width / 2, oddH = evenH + 1, oddW = evenW + 1;
        Assert.IsTrue(even.Any(value => value > 0));
        for (int plane = 0; plane < N * K; plane++)
        {
            for (int h = 0; h < oddH; h++)
            {
                for (int w = 0; w < oddW; w++)
                {
                    double value = odd[(plane * oddH + h) * oddW + w];
                    if (h == evenH || w == evenW) Assert.IsTrue(double.IsNaN(value), $"plane {plane}, ({h}, {w}): {value}");
                    else Assert.AreEqual(even[(plane * evenH + h) * evenW + w], value, 1e-4, $"plane {plane}, ({h}, {w})");
                }
            }
        }
    }

    /// <summary>The even image's last row and column are read: by the last window, whose other padding is real.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void The_last_row_and_column_themselves_are_read_once(string device, int height, int width)
    {
        double[] y = Convolve(device, height, width, (image, c, h, w) => h == height - 1 && w == width - 1 ? float.NaN : Value(image, c, h, w));
        int plane = height / 2 * (width / 2);
        for (int first = 0; first < y.Length; first += plane) Assert.IsTrue(double.IsNaN(y[first + plane - 1]), $"plane {first / plane}");
    }

    /// <summary>y of a unit with running statistics of mean 0 and variance 1: relu(z).</summary>
    private static double[] Convolve(string device, int height, int width, Func<int, int, int, int, float> pixel)
    {
        Shape x = new(C, height, width), y = new(K, (height + 1) / 2, (width + 1) / 2);
        var spec = new ConvNormSpec("unit", "bn", x, y, Stride: 2);
        using var opened = DeviceFactory.Open(TestDevices.Find(device).Options, new([spec], null, N, Training: false));
        var unit = opened.CreateConvNorm(spec);
        Activation input = opened.CreateOutput(new("x", "bn", x, x, 1)), output = opened.CreateOutput(spec);
        unit.Upload(UnitTensor.W, TestData.Wide(TestData.Normal(spec.WeightCount, "w", 0.1)));
        unit.Upload(UnitTensor.Scale, Enumerable.Repeat(1.0, K).ToArray());
        unit.Upload(UnitTensor.Bias, new double[K]);
        unit.Upload(UnitTensor.RunningMean, new double[K]);
        unit.Upload(UnitTensor.RunningVariance, Enumerable.Repeat(1.0, K).ToArray());
        opened.Upload(N, [.. from image in Enumerable.Range(0, N) from c in Enumerable.Range(0, C) from h in Enumerable.Range(0, height) from w in Enumerable.Range(0, width) select pixel(image, c, h, w)], input);
        unit.Forward(N, input, null, Mode.Inference, output);
        var values = new double[unit.Count(UnitTensor.Y, N)];
        unit.Download(UnitTensor.Y, values);
        return values;
    }

    private static float Value(int image, int c, int h, int w) => MathF.Sin(1 + w + 3 * h + 7 * c + 11 * image);
}
