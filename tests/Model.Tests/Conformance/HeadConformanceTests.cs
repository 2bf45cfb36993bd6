using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The head on every device against Reference.</summary>
[TestClass]
public sealed class HeadConformanceTests : EmulatedGpuTests
{
    private const int Classes = HeadSpec.Classes;

    // The head's sums are short (64 pixels, 64 features, up to 128 images): float rounding is near 1e-7 of each tensor.
    private const double Tolerance = 1e-6;

    public static IEnumerable<object[]> Cases =>
        from device in TestDevices.Available from what in HeadCases.All select new object[] { device.Name, what.Name };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Agrees_with_reference(string deviceName, string caseName)
    {
        var device = TestDevices.Find(deviceName);
        var what = HeadCases.All.Single(entry => entry.Name == caseName);
        var reference = Run(what, new() { Kind = DeviceKind.Reference });
        var run = Run(what, device.Options);
        foreach (var (name, expected) in reference)
        {
            if (what.Content == HeadContent.NaN && name != "correct")
                Assert.IsTrue(run[name].Select(double.IsFinite).SequenceEqual(expected.Select(double.IsFinite)), $"{name}: other elements are finite than on Reference");
            else
                Difference.AssertRelativeL2(name, run[name], expected, Tolerance);
        }
        foreach (var options in device.SameAs.Prepend(device.Options))
        {
            var again = Run(what, options);
            foreach (var (name, values) in run)
                Assert.IsTrue(again[name].AsSpan().SequenceEqual(values), $"{name} has other bytes on a second run with {options.Threads} threads");
        }
    }

    private static Dictionary<string, double[]> Run(HeadCase what, DeviceOptions options)
    {
        var producer = new ConvNormSpec("conv", "bn", what.X, what.X, 1);
        var spec = new HeadSpec(what.X);
        using var device = DeviceFactory.Open(options, new([producer], spec, what.N + 1, Training: true));
        device.CreateConvNorm(producer);
        var x = device.CreateOutput(producer);
        var labels = device.CreateLabels();
        var dx = device.CreateGradient(what.X);
        var head = device.CreateHead(spec);

        int weights = Classes * what.X.C;
        bool zero = what.Content == HeadContent.EqualLogits;
        head.Upload(UnitTensor.W, TestData.Wide(zero ? new float[weights] : TestData.Normal(weights, "head w", what.Content == HeadContent.LargeLogits ? 1e4 : 0.3)));
        head.Upload(UnitTensor.Bias, TestData.Wide(zero ? new float[Classes] : TestData.Normal(Classes, "head b")));
        device.Upload(TestData.Bytes(what.N, what.Name, Classes), labels);
        float[] input = TestData.Normal(what.N * what.X.Size, what.Name);
        if (what.Content == HeadContent.NaN) input[1] = float.NaN;
        device.Upload(what.N, input, x);

        // Inference first, and training twice: totals add up, and gradients are overwritten.
        head.SetTotals(new(100, 0.5, 7));
        head.Forward(what.N, x, null, Mode.Inference);
        for (int pass = 0; pass < 2; pass++)
        {
            head.Forward(what.N, x, labels, Mode.Training);
            head.Backward(what.N, dx);
        }
        var totals = head.ReadTotals();
        var logits = new float[what.N * Classes];
        head.ReadLogits(what.N, logits);
        var results = new Dictionary<string, double[]>
        {
            ["images"] = [totals.Images],
            ["loss"] = [totals.LossSum],
            ["correct"] = [totals.Correct],
            ["logits read"] = TestData.Wide(logits),
        };
        foreach (var tensor in new[] { UnitTensor.Y, UnitTensor.Dw, UnitTensor.DBias, UnitTensor.Dx })
        {
            results[tensor.ToString()] = new double[head.Count(tensor, what.N)];
            head.Download(tensor, results[tensor.ToString()]);
        }
        return results;
    }
}
