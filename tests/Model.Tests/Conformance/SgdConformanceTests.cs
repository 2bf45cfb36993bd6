using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The update of every device against its formula, from the device's own gradients.</summary>
[TestClass]
public sealed class SgdConformanceTests : EmulatedGpuTests
{
    private const double Momentum = 0.9, WeightDecay = 1e-2;

    // One multiply-add after another: a few float roundings.
    private const double Tolerance = 3e-7;

    public static IEnumerable<object[]> Devices => TestDevices.RowsWithReference;

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Follows_the_formula_with_the_rate_of_the_step(string device)
    {
        using var network = Network(device);
        double[] rates = [0.1, 0.05, 0.2];
        for (int step = 0; step < rates.Length; step++)
        {
            StateDict before = network.State(), velocity = network.Momentum();
            network.TrainStep(TestData.Normal(2 * 3072, "images"), TestData.Bytes(2, "labels", 10), rates[step]);
            StateDict after = network.State(), newVelocity = network.Momentum();
            foreach (var gradient in network.Gradients().Tensors)
            {
                double[] w = TestData.Wide(before[gradient.Name].Values), v = TestData.Wide(velocity[gradient.Name].Values);
                for (int i = 0; i < w.Length; i++)
                {
                    v[i] = Momentum * v[i] + (gradient.Values[i] + WeightDecay * w[i]);
                    w[i] -= rates[step] * v[i];
                }
                Difference.AssertRelativeL2($"step {step}, velocity of {gradient.Name}", TestData.Wide(newVelocity[gradient.Name].Values), v, Tolerance);
                Difference.AssertRelativeL2($"step {step}, {gradient.Name}", TestData.Wide(after[gradient.Name].Values), w, Tolerance);
            }
        }
        Assert.IsNull(network.FirstNonFinite);
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Finds_a_nan(string device)
    {
        using var network = Network(device);
        float[] images = TestData.Normal(2 * 3072, "images");
        images[100] = float.NaN;
        network.TrainStep(images, TestData.Bytes(2, "labels", 10), 0.1);
        // A device that works on behind the host has news of its updates when the totals are read.
        Assert.IsTrue(double.IsNaN(network.ReadTotals().LossSum));
        Assert.AreEqual(new NonFiniteUpdate(0, "conv1.weight"), network.FirstNonFinite, "a NaN in the input is everywhere after one step");
        Assert.AreEqual(0, network.ReadTotals().Correct);
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Names_the_first_update_and_tensor_that_are_not_finite(string device)
    {
        Assert.AreEqual(new NonFiniteUpdate(2, "layer2.0.bn1.bias"), FirstNonFinite(device, 2, network =>
        {
            var momentum = network.Momentum();
            momentum["layer2.0.bn1.bias"].Values[3] = momentum["layer3.0.conv1.weight"].Values[4] = float.PositiveInfinity;
            network.LoadMomentum(momentum);
        }));
    }

    /// <summary>Weights of 1e20 are finite and so is everything that batch norm makes of them, but not the variance.</summary>
    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Names_a_running_variance_that_has_overflowed(string device)
    {
        Assert.AreEqual(new NonFiniteUpdate(1, "layer2.0.bn2.running_var"), FirstNonFinite(device, 1, network =>
        {
            var state = network.State();
            foreach (ref float weight in state["layer2.0.conv2.weight"].Values.AsSpan()) weight *= 1e20f;
            network.Load(state);
        }));
    }

    /// <summary>Four steps, before one of which something is done to the network.</summary>
    private static NonFiniteUpdate? FirstNonFinite(string device, int step, Action<ResNet> before)
    {
        using var network = Network(device);
        using var images = network.LoadImages(TestData.Bytes(8 * 3072, "pixels"), TestData.Bytes(8, "labels", 10));
        network.BeginEpoch(images, 0, [0, 1, 2, 3, 4, 5, 6, 7], [0.1, 0.1, 0.1, 0.1]);
        for (int i = 0; i < 4; i++)
        {
            if (i == step) before(network);
            network.TrainStep(images, i, 2 * i, 2);
        }
        network.ReadTotals();
        return network.FirstNonFinite;
    }

    private static ResNet Network(string device) => new(new(Architecture.ResNet, 8),
        new() { Device = TestDevices.Find(device).Options, BatchSize = 2, Momentum = Momentum, WeightDecay = WeightDecay });
}
