using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// Losses of our own, written down when Reference agreed with libtorch's double-precision runs to 1e-9: they hold Reference and every
/// device in place where libtorch's files are not at hand.
/// </summary>
[TestClass]
public sealed class SmallGoldenTests
{
    private const int Batch = 4;

    public static IEnumerable<object[]> Runs =>
        from device in TestDevices.Available.Select(device => device.Name).Append("reference")
        from run in new (Architecture Kind, ShortcutPadding Padding, double[] Losses)[]
        {
            (Architecture.ResNet, ShortcutPadding.Trailing, [3.0637268753876916, 1.4195597286334731]),
            (Architecture.ResNet, ShortcutPadding.Centred, [3.032453334805449, 1.351849965232657]),
            (Architecture.Plain, ShortcutPadding.Trailing, [2.7376226342468124, 1.8973627732749423]),
        }
        select new object[] { device, run.Kind, run.Padding, run.Losses };

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Two_steps_of_an_eight_layer_network(string device, Architecture kind, ShortcutPadding padding, double[] losses)
    {
        using var network = new ResNet(new(kind, 8, padding), new() { Device = DeviceOptions.Parse(device), BatchSize = Batch, Seed = 1 });
        var actual = new double[losses.Length];
        for (int step = 0; step < losses.Length; step++)
        {
            network.ResetTotals();
            network.TrainStep(TestData.Normal(Batch * 3072, "golden images"), TestData.Bytes(Batch, "golden labels", 10), 0.1);
            actual[step] = network.ReadTotals().Loss;
        }
        double tolerance = device == "reference" ? 1e-9 : 1e-4;
        for (int step = 0; step < losses.Length; step++)
            if (!(Math.Abs(actual[step] - losses[step]) <= tolerance * losses[step]))
                Assert.Fail($"step {step + 1} of losses {string.Join(", ", actual.Select(loss => $"{loss:R}"))} is not {losses[step]:R}, tolerance {tolerance} of it");
    }
}
