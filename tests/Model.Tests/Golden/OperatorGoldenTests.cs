using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>Single operators against libtorch's float32: convolution on Reference, batch norm with ReLU and the head on every device.</summary>
[TestClass]
public sealed class OperatorGoldenTests : EmulatedGpuTests
{
    // libtorch's side is float32: its sums over up to 4,096 terms are good to some 1e-6.
    private const double Tolerance = 1e-5;

    public static IEnumerable<object[]> Devices => TestDevices.RowsWithReference;

    public static IEnumerable<object[]> Norms => from device in Devices from name in new[] { "bn.relu", "bn.add_relu" } select new object[] { device[0], name };

    [TestMethod]
    [DataRow("3to16", 1)]
    [DataRow("16to16", 1)]
    [DataRow("16to32s2", 2)]
    [DataRow("32to32", 1)]
    [DataRow("32to64s2", 2)]
    [DataRow("64to64", 1)]
    public void Convolution_of_reference(string name, int stride)
    {
        var golden = GoldenRun.Open("operators");
        int[] x = golden.Shape($"conv.{name}.x"), y = golden.Shape($"conv.{name}.y");
        var spec = new ConvNormSpec(name, "bn", new(x[1], x[2], x[3]), new(y[1], y[2], y[3]), stride);
        double[] z = new double[x[0] * spec.Y.Size], dx = new double[x[0] * spec.X.Size], dw = new double[spec.WeightCount];
        Convolution.Forward(spec, x[0], Read("x"), Read("w"), z);
        Convolution.BackwardData(spec, x[0], Read("dy"), Read("w"), null, dx);
        Convolution.BackwardFilter(spec, x[0], Read("dy"), Read("x"), dw);
        Difference.AssertRelativeL2("y", z, Read("y"), Tolerance);
        Difference.AssertRelativeL2("dx", dx, Read("dx"), Tolerance);
        Difference.AssertRelativeL2("dw", dw, Read("dw"), Tolerance);

        double[] Read(string tensor) => golden.Doubles($"conv.{name}.{tensor}");
    }

    [TestMethod]
    [DynamicData(nameof(Norms))]
    public void Batch_norm_and_relu(string deviceName, string name)
    {
        var golden = GoldenRun.Open("operators");
        const int n = 6;
        var shape = new Shape(16, 8, 8);
        bool joins = name == "bn.add_relu";
        var spec = new ConvNormSpec("conv", "bn", shape, shape, 1) { Shortcut = joins ? ShortcutKind.Identity : ShortcutKind.None };
        using var device = DeviceFactory.Open(TestDevices.Find(deviceName).Options, new([spec], null, n, Training: true));
        var unit = device.CreateConvNorm(spec);
        Activation x = device.CreateOutput(spec with { Shortcut = ShortcutKind.None }), y = device.CreateOutput(spec);
        Gradient dy = device.CreateGradient(shape), dx = device.CreateGradient(shape);
        // A convolution that copies its input, so that the unit is its batch norm.
        var copy = new double[spec.WeightCount];
        for (int c = 0; c < shape.C; c++) copy[(c * shape.C + c) * 9 + 4] = 1;
        unit.Upload(UnitTensor.W, copy);
        unit.Upload(UnitTensor.Scale, Read("scale"));
        unit.Upload(UnitTensor.Bias, Read("bias"));
        unit.Upload(UnitTensor.RunningMean, new double[16]);
        unit.Upload(UnitTensor.RunningVariance, [.. Enumerable.Repeat(1.0, 16)]);
        device.Upload(n, golden.Floats($"{name}.x"), x);
        device.Upload(n, Read("dy"), dy);
        Activation? s = joins ? device.CreateOutput(spec with { Shortcut = ShortcutKind.None }) : null;
        if (s is not null) device.Upload(n, golden.Floats($"{name}.residual"), s);

        unit.Forward(n, x, s, Mode.Training, y);
        Compare(UnitTensor.Y, "y");
        Compare(UnitTensor.RunningMean, "running_mean");
        Compare(UnitTensor.RunningVariance, "running_var");
        unit.Backward(n, dy, null, dx, joins ? device.CreateShortcutGradient(spec) : null);
        Compare(UnitTensor.Dx, "dx");
        Compare(UnitTensor.DScale, "dscale");
        Compare(UnitTensor.DBias, "dbias");
        if (joins) Compare(UnitTensor.Ds, "dresidual");

        double[] Read(string tensor) => golden.Doubles($"{name}.{tensor}");

        void Compare(UnitTensor tensor, string key)
        {
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            Difference.AssertRelativeL2(key, values, Read(key), Tolerance);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Head(string deviceName)
    {
        var golden = GoldenRun.Open("operators");
        const int n = 7;
        var producer = new ConvNormSpec("conv", "bn", new(64, 8, 8), new(64, 8, 8), 1);
        var spec = new HeadSpec(producer.Y, ArchitectureSpec.Cifar10Classes);
        using var device = DeviceFactory.Open(TestDevices.Find(deviceName).Options, new([producer], spec, n, Training: true));
        device.CreateConvNorm(producer);
        var head = device.CreateHead(spec);
        var x = device.CreateOutput(producer);
        var labels = device.CreateLabels();
        head.Upload(UnitTensor.W, golden.Doubles("head.w"));
        head.Upload(UnitTensor.Bias, golden.Doubles("head.b"));
        device.Upload(n, golden.Floats("head.x"), x);
        device.Upload(Array.ConvertAll(golden.Floats("head.labels"), value => (byte)value), labels);
        head.Forward(n, x, labels, Mode.Training);
        head.Backward(n, device.CreateGradient(spec.X));
        Difference.AssertRelativeL2("loss", [head.ReadTotals().LossSum / n], golden.Doubles("head.loss"), Tolerance);
        foreach (var (tensor, key) in new[] { (UnitTensor.Y, "logits"), (UnitTensor.Dx, "dx"), (UnitTensor.Dw, "dw"), (UnitTensor.DBias, "db") })
        {
            var values = new double[head.Count(tensor, n)];
            head.Download(tensor, values);
            Difference.AssertRelativeL2(key, values, golden.Doubles($"head.{key}"), Tolerance);
        }
    }
}
