using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>What is asked of a device's augmentation: the floats and labels of Reference, bit for bit.</summary>
internal static class AugmentComparison
{
    private const int Images = 23, Batch = 9;

    /// <summary>Ways of normalising.</summary>
    public static readonly string[] Normalizations = ["reference", "pixel", "channel"];

    /// <summary>Runs several passes on a device, again with each setting that must give the same bytes, and on Reference; a line for each breach.</summary>
    /// <param name="device">Opens the device.</param>
    /// <param name="same">Settings that must give the same bytes; the device's own is among them.</param>
    /// <param name="normalization">One of <see cref="Normalizations"/>.</param>
    /// <param name="crop">How images are cropped.</param>
    /// <param name="flip">Whether half of them are mirrored.</param>
    public static List<string> Breaches(DeviceOptions device, IEnumerable<DeviceOptions> same, string normalization, Crop crop, bool flip)
    {
        var breaches = new List<string>();
        var expected = Run(new() { Kind = DeviceKind.Reference }, normalization, crop, flip);
        foreach (var options in same.Prepend(device))
        {
            var actual = Run(options, normalization, crop, flip);
            for (int pass = 0; pass < expected.Count; pass++)
            {
                if (!actual[pass].AsSpan().SequenceEqual(expected[pass]))
                    breaches.Add($"pass {pass} with {options.Threads} threads: {TensorDifference.Between(actual[pass], expected[pass])}");
            }
        }
        return breaches;
    }

    /// <summary>The x of several passes, followed by the sum of a loss that tells the labels apart.</summary>
    private static List<double[]> Run(DeviceOptions options, string normalization, Crop crop, bool flip)
    {
        // No device lets x itself be read, so it goes through a unit that copies it: y = relu(x) in channels 0..2 and relu(-x) in 3..5.
        var copy = new ConvNormSpec("conv", "bn", new(3, 32, 32), new(16, 32, 32), 1) { NeedsDx = false };
        var headSpec = new HeadSpec(new(64, 1, 1), ArchitectureSpec.Cifar10Classes);
        using var device = DeviceFactory.Open(options, new([copy, new("last", "bn", headSpec.X, headSpec.X, 1)], headSpec, Batch, Training: false));
        var unit = device.CreateConvNorm(copy);
        var last = device.CreateConvNorm(new("last", "bn", headSpec.X, headSpec.X, 1));
        var head = device.CreateHead(headSpec);
        var augment = device.CreateAugment(new(Named(normalization), crop, flip, Seed: 77));
        var x = device.CreateInput(copy.X);
        var y = device.CreateOutput(copy);
        var features = device.CreateOutput(last.Spec);
        var labels = device.CreateLabels();
        UploadCopy(unit);
        head.Upload(UnitTensor.W, new double[headSpec.WeightCount]);
        head.Upload(UnitTensor.Bias, [.. Enumerable.Range(0, headSpec.Classes).Select(j => (double)(j * j))]);
        device.Upload(Batch, new float[Batch * 64], features);

        using var set = device.LoadImages(TestData.Bytes(Images * AugmentSpec.ImageSize, "pixels"), TestData.Bytes(Images, "labels", 10));
        var results = new List<double[]>();
        Pass(2, Batch, Mode.Training); // before any order is set: 0, 1, 2, …
        set.SetOrder(3, [.. Enumerable.Range(0, Images).Select(i => i * 7 % Images)]);
        Pass(0, Batch, Mode.Training);
        Pass(Images - 5, 5, Mode.Training);
        Pass(Images - 5, 5, Mode.Inference);
        set.SetOrder(4, [.. Enumerable.Range(0, Images).Reverse()]);
        Pass(1, 1, Mode.Training);
        return results;

        void Pass(int first, int n, Mode mode)
        {
            augment.Forward(set, first, n, mode, x, labels);
            unit.Forward(n, x, null, Mode.Inference, y);
            var values = new double[unit.Count(UnitTensor.Y, n)];
            unit.Download(UnitTensor.Y, values);
            head.SetTotals(default);
            head.Forward(n, features, labels, Mode.Inference);
            // Reference multiplies by 1 + 1.5e-8 in double; rounded to float that is x again.
            results.Add(Array.ConvertAll(values, value => (double)(float)value));
            results.Add([Math.Round(head.ReadTotals().LossSum, 3)]);
        }
    }

    private static Normalization Named(string name) => name switch
    {
        "pixel" => Normalization.Pixel(TestData.Normal(AugmentSpec.ImageSize, "mean image", 0.1, 0.5)),
        "channel" => Normalization.Channel([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
        _ => Normalization.Reference,
    };

    /// <summary>Weights of 1 and -1, and a running variance that with epsilon makes 1 to float's last bit: nothing is rounded on the way.</summary>
    private static void UploadCopy(ConvNormUnit unit)
    {
        var w = new double[unit.Spec.WeightCount];
        for (int c = 0; c < 3; c++)
        {
            w[(c * 3 + c) * 9 + 4] = 1;
            w[((c + 3) * 3 + c) * 9 + 4] = -1;
        }
        double[] Constant(double value) => [.. Enumerable.Repeat(value, unit.Spec.Y.C)];
        unit.Upload(UnitTensor.W, w);
        unit.Upload(UnitTensor.Scale, Constant(1));
        unit.Upload(UnitTensor.Bias, Constant(0));
        unit.Upload(UnitTensor.RunningMean, Constant(0));
        unit.Upload(UnitTensor.RunningVariance, Constant((float)(1 - ConvNormSpec.Epsilon)));
    }
}
