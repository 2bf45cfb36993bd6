using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>
/// How much the cpu device's convolutions round: the figures of docs/winograd.md. The bounds are twice what was measured; a kernel whose
/// order of sums is worse shows here long before it leaves the tolerances of the other tests.
/// </summary>
[TestClass]
public sealed class RoundingTests
{
    // Relative L2 errors; largest errors come to two or three times as much.
    private static readonly Dictionary<string, (double Z, double Dx, double Dw)> OfConvolution = new()
    {
        ["direct"] = (5.6e-7, 8e-7, 7e-7),
        ["winograd"] = (1.4e-6, 1.7e-6, 1.9e-6),
    };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(16, 32, 1)]
    [DataRow(32, 16, 1)]
    [DataRow(64, 8, 1)]
    [DataRow(16, 32, 2)]
    [DataRow(32, 16, 2)]
    public void Of_one_convolution(int channels, int side, int stride)
    {
        var spec = new ConvNormSpec("conv", "bn", new(channels, side, side), new(stride * channels, side / stride, side / stride), stride);
        var reference = Run(TestDevices.Reference.Options, spec);
        foreach (string convolution in new[] { "direct", "winograd" })
        {
            foreach (var ((tensor, values), (_, expected)) in Run(Cpu(convolution), spec).Zip(reference))
            {
                var difference = TensorDifference.Between(values, expected);
                double largest = difference.MaxAbs / expected.Max(Math.Abs);
                TestContext.WriteLine($"{channels}@{side}, stride {stride}, {convolution}, {tensor}: relative L2 {difference.RelativeL2:E1}, largest error by largest value {largest:E1}");
                var bounds = OfConvolution[convolution];
                double bound = tensor switch { "z" => bounds.Z, "dx" => bounds.Dx, _ => bounds.Dw };
                Assert.IsLessThan(bound, difference.RelativeL2, tensor);
                Assert.IsLessThan(4 * bound, largest, tensor);
            }
        }
    }

    [TestMethod]
    [DataRow(Architecture.ResNet, "direct", 1.1e-6, 2.4e-6, 6e-7)]
    [DataRow(Architecture.ResNet, "winograd", 1.9e-6, 2.6e-6, 1.2e-6)]
    [DataRow(Architecture.Plain, "direct", 7e-7, 1.2e-6, 6e-6)]
    [DataRow(Architecture.Plain, "winograd", 1.6e-6, 2.2e-6, 1.2e-5)]
    public void Of_one_step_of_a_20_layer_network(Architecture kind, string convolution, double forwardBound, double gradientBound, double logitsBound)
    {
        var comparison = LayerComparison.Run(new() { Architecture = new(kind, 20), Device = Cpu(convolution), BatchSize = 8 });
        string[] gradients = ["dx", "dw", "dscale", "dbias"];
        string backward = string.Join(", ", gradients.Select(tensor => $"{tensor} {Largest(tensor):E1}"));
        double logits = comparison.Logits.RelativeL2;
        int kinks = comparison.Rows.Sum(row => row.Kinks);
        TestContext.WriteLine($"{kind}, {convolution}, largest relative L2 of any layer: y {Largest("y"):E1}, {backward}; logits after all layers {logits:E1}; {kinks} kinks");
        Assert.IsLessThan(forwardBound, Largest("y"));
        foreach (string tensor in gradients) Assert.IsLessThan(gradientBound, Largest(tensor), tensor);
        Assert.IsLessThan(logitsBound, logits, "logits");

        double Largest(string tensor) => comparison.Rows.Max(row => row.Find(tensor)?.Difference.RelativeL2 ?? 0);
    }

    /// <summary>z, dx and dw of a unit whose ReLU lets everything through, of 128 images.</summary>
    private static List<(string Tensor, double[] Values)> Run(DeviceOptions options, ConvNormSpec spec)
    {
        const int n = 128;
        using var device = DeviceFactory.Open(options, new([spec], null, n, Training: true));
        var unit = device.CreateConvNorm(spec);
        Activation x = device.CreateInput(spec.X), y = device.CreateOutput(spec);
        Gradient dy = device.CreateGradient(spec.Y), dx = device.CreateGradient(spec.X);
        // As in a network: x comes out of a ReLU, w is He's.
        device.Upload(n, Array.ConvertAll(TestData.Normal(n * spec.X.Size, "x"), value => Math.Max(value, 0)), x);
        device.Upload(n, TestData.Wide(TestData.Normal(n * spec.Y.Size, "dy")), dy);
        unit.Upload(UnitTensor.W, TestData.Wide(TestData.Normal(spec.WeightCount, "w", Math.Sqrt(2.0 / (9 * spec.X.C)))));
        unit.Upload(UnitTensor.Scale, [.. Enumerable.Repeat(1.0, spec.Y.C)]);
        unit.Upload(UnitTensor.Bias, [.. Enumerable.Repeat(10.0, spec.Y.C)]); // ten deviations: nothing is near ReLU's kink
        unit.Forward(n, x, null, Mode.Training, y);
        var results = new List<(string, double[])> { ("z", Read(UnitTensor.Z)) };
        unit.Backward(n, dy, null, dx, null);
        results.AddRange([("dx", Read(UnitTensor.Dx)), ("dw", Read(UnitTensor.Dw))]);
        return results;

        double[] Read(UnitTensor tensor)
        {
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            return values;
        }
    }

    private static DeviceOptions Cpu(string convolution) => new() { Kind = DeviceKind.Cpu, CpuConvolution = convolution };
}
