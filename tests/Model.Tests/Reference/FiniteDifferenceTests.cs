using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Reference;

/// <summary>Every gradient of the reference device against central differences of its forward pass, in double.</summary>
[TestClass]
public sealed class FiniteDifferenceTests
{
    // Central differences err by h^2 f'''/6 + 1e-16 f / h: near 1e-9 of the gradients here. 1e-6 of a tensor's largest gradient leaves room.
    private const double H = 1e-5, Tolerance = 1e-6;
    private const int N = 2, Samples = 25;

    [TestMethod]
    [DataRow(1, nameof(ShortcutKind.None))]
    [DataRow(2, nameof(ShortcutKind.None))]
    [DataRow(1, nameof(ShortcutKind.Identity))]
    [DataRow(1, nameof(ShortcutKind.OptionATrailing))]
    [DataRow(1, nameof(ShortcutKind.OptionACentred))]
    [DataRow(2, nameof(ShortcutKind.OptionATrailing))]
    [DataRow(1, nameof(ShortcutKind.Reshape))]
    public void Conv_norm_gradients(int stride, string shortcutName)
    {
        var shortcut = Enum.Parse<ShortcutKind>(shortcutName);
        Shape x = new(3, 5, 7), y = new(4, (5 + stride - 1) / stride, (7 + stride - 1) / stride);
        var unit = new UnitUnderTest(new ConvNormSpec("unit", "bn", x, y, stride) { Shortcut = shortcut });
        unit.Forward();
        unit.Backward();
        Check("x", unit.X.Values, unit.Dx.Values);
        Check("w", unit.Unit.W.Values, unit.Unit.W.Gradient);
        Check("scale", unit.Unit.Scale.Values, unit.Unit.Scale.Gradient);
        Check("bias", unit.Unit.Bias.Values, unit.Unit.Bias.Gradient);
        if (shortcut != ShortcutKind.None) Check("s", unit.S!.Values, unit.Ds!.Values);

        void Check(string name, double[] variable, double[] gradient) => Compare(name, variable, [.. gradient], unit.Objective, unit.Masks);
    }

    [TestMethod]
    public void Head_gradients()
    {
        var spec = new HeadSpec(new(64, 2, 3));
        var head = new ReferenceHead(spec, N, training: true);
        ReferenceActivation x = new(spec.X, N);
        ReferenceGradient dx = new(spec.X, N);
        var labels = new ReferenceLabels(N);
        labels.Values[1] = 7;
        Fill(x.Values, "x");
        Fill(head.W.Values, "w");
        Fill(head.Bias.Values, "b");
        Objective();
        head.Backward(N, dx);
        Compare("x", x.Values, dx.Values, Objective, () => []);
        Compare("w", head.W.Values, [.. head.W.Gradient], Objective, () => []);
        Compare("b", head.Bias.Values, [.. head.Bias.Gradient], Objective, () => []);

        double Objective()
        {
            head.SetTotals(default);
            head.Forward(N, x, labels, Mode.Training);
            return head.ReadTotals().LossSum / N;
        }
    }

    [TestMethod]
    [DataRow(Architecture.ResNet, ShortcutPadding.Trailing)]
    [DataRow(Architecture.ResNet, ShortcutPadding.Centred)]
    [DataRow(Architecture.ResNet, ShortcutPadding.Reshape)]
    [DataRow(Architecture.Plain, ShortcutPadding.Trailing)]
    public void Whole_network_gradients(Architecture architecture, ShortcutPadding padding)
    {
        using var network = new ResNet(new(architecture, 8, padding), new() { Device = new() { Kind = DeviceKind.Reference }, BatchSize = N });
        float[] images = TestData.Normal(N * 3072, "images");
        byte[] labels = TestData.Bytes(N, "labels", 10);
        Objective();
        // All gradients before any weight is moved: every evaluation of the objective writes them anew.
        var parameters = network.Units.Cast<ReferenceConvNorm>()
            .SelectMany(unit => new[] { ("w", unit.W, 2), ("scale", unit.Scale, 1), ("bias", unit.Bias, 1) }
            .Select(entry => (Name: $"{unit.Spec.Name} {entry.Item1}", entry.Item2.Values, Gradient: (double[])[.. entry.Item2.Gradient], Samples: entry.Item3))).ToArray();
        foreach (var parameter in parameters) Compare(parameter.Name, parameter.Values, parameter.Gradient, Objective, Masks, parameter.Samples);

        double Objective()
        {
            network.ResetTotals();
            network.TrainStep(images, labels, learningRate: 0);
            return network.ReadTotals().Loss;
        }

        double[] Masks() => [.. network.Units.SelectMany(unit =>
        {
            var y = new double[unit.Count(UnitTensor.Y, N)];
            unit.Download(UnitTensor.Y, y);
            return y;
        })];
    }

    /// <summary>Compares random elements; those where ReLU's kink lies between the two sides have no derivative and are left out.</summary>
    private static void Compare(string name, double[] variable, double[] gradient, Func<double> objective, Func<double[]> masks, int samples = Samples)
    {
        double largest = gradient.Max(Math.Abs);
        Assert.IsGreaterThan(0, largest, name);
        int compared = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            int i = Philox.Below(Philox.Draw(5, (uint)sample, (uint)variable.Length, RandomPurpose.Comparison).A, variable.Length);
            double value = variable[i];
            variable[i] = value + H;
            double above = objective();
            double[] maskAbove = masks();
            variable[i] = value - H;
            double below = objective();
            double[] maskBelow = masks();
            variable[i] = value;
            if (!maskAbove.Select(y => y > 0).SequenceEqual(maskBelow.Select(y => y > 0))) continue;
            compared++;
            double difference = (above - below) / (2 * H);
            if (!(Math.Abs(difference - gradient[i]) <= Tolerance * largest))
                Assert.Fail($"{name}[{i}]: gradient {gradient[i]:R}, central difference {difference:R}, tolerance {Tolerance * largest:E2}");
        }
        if (samples > 2) Assert.IsGreaterThan(samples / 2, compared, $"{name}: too many elements beside a kink");
    }

    private static void Fill(double[] values, string stream) => TestData.Wide(TestData.Normal(values.Length, stream)).CopyTo(values, 0);

    /// <summary>A unit whose objective is sum(r y) + sum(addend x), so that dy = r and dx contains the addend.</summary>
    private sealed class UnitUnderTest
    {
        private readonly ReferenceActivation y;
        private readonly ReferenceGradient r, addend;

        public UnitUnderTest(ConvNormSpec spec)
        {
            Unit = new(spec, training: true, new double[N * spec.Y.Size], new double[N * spec.Y.Size]);
            X = new(spec.X, N);
            y = new(spec.Y, N);
            (r, addend, Dx) = (new(spec.Y, N), new(spec.X, N), new(spec.X, N));
            (S, Ds) = spec.Shortcut == ShortcutKind.None ? default : (new ReferenceActivation(spec.S, N), new ReferenceGradient(spec.S, N));
            Fill(X.Values, "x");
            Fill(r.Values, "r");
            Fill(addend.Values, "addend");
            Fill(Unit.W.Values, "w");
            Fill(Unit.Scale.Values, "scale");
            Fill(Unit.Bias.Values, "bias");
            if (S is not null) Fill(S.Values, "s");
        }

        public ReferenceConvNorm Unit { get; }

        public ReferenceActivation X { get; }

        public ReferenceActivation? S { get; }

        public ReferenceGradient Dx { get; }

        public ReferenceGradient? Ds { get; }

        public void Forward() => Unit.Forward(N, X, S, Mode.Training, y);

        public void Backward() => Unit.Backward(N, r, addend, Dx, Ds);

        public double Objective()
        {
            Forward();
            return y.Values.Zip(r.Values, (a, b) => a * b).Sum() + X.Values.Zip(addend.Values, (a, b) => a * b).Sum();
        }

        public double[] Masks() => [.. y.Values];
    }
}
