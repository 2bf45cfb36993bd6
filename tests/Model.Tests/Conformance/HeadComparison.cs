using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>What is asked of a device's head for one row of its table.</summary>
internal static class HeadComparison
{
    // The head's sums are short (64 pixels, 64 features, up to 128 images): float rounding is near 1e-7 of each tensor.
    private const double Tolerance = 1e-6;

    /// <summary>Runs a case on a device, again with each setting that must give the same bytes, and on Reference; a line for each breach.</summary>
    /// <param name="what">The case.</param>
    /// <param name="device">Opens the device.</param>
    /// <param name="same">Settings that must give the same bytes; the device's own is among them.</param>
    public static List<string> Breaches(HeadCase what, DeviceOptions device, IEnumerable<DeviceOptions> same)
    {
        var breaches = new List<string>();
        var reference = Run(what, new() { Kind = DeviceKind.Reference });
        var run = Run(what, device);
        foreach (var (name, expected) in reference)
        {
            if (what.Content == HeadContent.NaN && name != "correct")
            {
                if (!run[name].Select(double.IsFinite).SequenceEqual(expected.Select(double.IsFinite))) breaches.Add($"{name}: other elements are finite than on Reference");
            }
            else if (Difference.RelativeL2Breach(name, run[name], expected, Tolerance) is { } breach)
            {
                breaches.Add(breach);
            }
        }
        foreach (var options in same.Prepend(device))
        {
            var again = Run(what, options);
            breaches.AddRange(run.Where(entry => !again[entry.Key].AsSpan().SequenceEqual(entry.Value)).Select(
                entry => $"{entry.Key} has other bytes on a second run with {options.Threads} threads"));
        }
        return breaches;
    }

    private static Dictionary<string, double[]> Run(HeadCase what, DeviceOptions options)
    {
        var producer = new ConvNormSpec("conv", "bn", what.X, what.X, 1);
        var spec = new HeadSpec(what.X, what.Classes);
        using var device = DeviceFactory.Open(options, new([producer], spec, what.N + 1, Training: true));
        device.CreateConvNorm(producer);
        var x = device.CreateOutput(producer);
        var labels = device.CreateLabels();
        var dx = device.CreateGradient(what.X);
        var head = device.CreateHead(spec);

        int weights = spec.WeightCount;
        bool zero = what.Content == HeadContent.EqualLogits;
        head.Upload(UnitTensor.W, TestData.Wide(zero ? new float[weights] : TestData.Normal(weights, "head w", what.Content == HeadContent.LargeLogits ? 1e4 : 0.3)));
        head.Upload(UnitTensor.Bias, TestData.Wide(zero ? new float[what.Classes] : TestData.Normal(what.Classes, "head b")));
        device.Upload(TestData.Bytes(what.N, what.Name, what.Classes), labels);
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
        var logits = new float[what.N * what.Classes];
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
