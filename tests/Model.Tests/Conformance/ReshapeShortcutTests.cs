using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>
/// Which pixel of s goes where, written out: Reference and the other devices share the description of the shortcut, so that their agreement
/// alone would not tell.
/// </summary>
[TestClass]
public sealed class ReshapeShortcutTests : EmulatedGpuTests
{
    private const int N = 2, C = 16, H = 3, W = 5;
    private static readonly Shape Y = new(2 * C, H, W);

    [TestMethod]
    [DynamicData(nameof(TestDevices.RowsWithReference), typeof(TestDevices))]
    public void Both_halves_of_the_channels_come_from_a_phase_of_the_image(string deviceName)
    {
        // Without a scale, bn(z) is the bias, which is 0: y is the shortcut. 16 channels of s take the numbers 1, 2, 3, …
        var spec = new ConvNormSpec("unit", "bn", Y, Y, 1) { Shortcut = ShortcutKind.Reshape };
        using var device = DeviceFactory.Open(TestDevices.Find(deviceName).Options, new([spec], null, N, Training: true));
        var unit = device.CreateConvNorm(spec);
        Activation x = device.CreateOutput(new("x", "bn", Y, Y, 1)), s = device.CreateOutput(new("s", "bn", spec.S, spec.S, 1)), y = device.CreateOutput(spec);
        Gradient dy = device.CreateGradient(Y), dx = device.CreateGradient(Y), ds = device.CreateShortcutGradient(spec);
        device.Upload(N, TestData.Normal(N * Y.Size, "x"), x);
        float[] source = [.. Enumerable.Range(1, N * spec.S.Size).Select(i => (float)i)], upstream = [.. Enumerable.Range(1, N * Y.Size).Select(i => (float)-i)];
        device.Upload(N, source, s);
        device.Upload(N, TestData.Wide(upstream), dy);
        unit.Upload(UnitTensor.W, TestData.Wide(TestData.Normal(spec.WeightCount, "w")));

        unit.Forward(N, x, s, Mode.Training, y);
        double[] added = Download(UnitTensor.Y);
        unit.Backward(N, dy, null, dx, ds);
        double[] gradient = Download(UnitTensor.Ds);
        // In inference the cpu device takes another way.
        unit.Forward(N, x, s, Mode.Inference, y);
        CollectionAssert.AreEqual(added, Download(UnitTensor.Y));

        var expected = new double[N * spec.S.Size];
        for (int image = 0; image < N; image++)
        {
            for (int c = 0; c < C; c++)
            {
                for (int h = 0; h < H; h++)
                {
                    for (int w = 0; w < W; w++)
                    {
                        int first = At(image, c, h, w), second = At(image, C + c, h, w), even = From(image, c, 2 * h, 2 * w), odd = From(image, c, 2 * h + 1, 2 * w + 1);
                        Assert.AreEqual(source[even], added[first], $"y[{image}, {c}, {h}, {w}]");
                        Assert.AreEqual(source[odd], added[second], $"y[{image}, {C + c}, {h}, {w}]");
                        (expected[even], expected[odd]) = (upstream[first], upstream[second]);
                    }
                }
            }
        }
        CollectionAssert.AreEqual(expected, gradient);

        double[] Download(UnitTensor tensor)
        {
            var values = new double[unit.Count(tensor, N)];
            unit.Download(tensor, values);
            return values;
        }
    }

    private static int At(int image, int k, int h, int w) => ((image * 2 * C + k) * H + h) * W + w;

    private static int From(int image, int c, int h, int w) => ((image * C + c) * 2 * H + h) * 2 * W + w;
}
