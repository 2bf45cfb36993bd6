using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// Whole training steps on the float devices. The truth is Reference, which ReferenceGoldenTests ties to libtorch's double-precision
/// runs; the yardstick is how far libtorch's own float32 run is from it.
/// </summary>
[TestClass]
public sealed class DeviceGoldenTests
{
    private const double Tolerance = 1e-4;

    public static IEnumerable<object[]> FreeRunning =>
        from device in TestDevices.Available from name in new[] { "resnet20", "resnet20-centred" } select new object[] { device.Name, name };

    public static IEnumerable<object[]> Devices => TestDevices.Available.Select(device => new object[] { device.Name });

    [TestMethod]
    [DynamicData(nameof(FreeRunning))]
    public void Three_free_running_steps(string device, string name)
    {
        var libtorch = GoldenRun.Open(name);
        using var run = new GoldenRun(name, DeviceOptions.Parse(device));
        using var reference = new GoldenRun(name, new() { Kind = DeviceKind.Reference });
        Difference.AssertRelativeL2("inference logits", run.InferenceLogits(), reference.InferenceLogits(), Tolerance);
        for (int step = 1; step <= 3; step++)
        {
            double expected = reference.Step();
            Difference.AssertRelativeL2($"step {step} loss", [run.Step()], [expected], Tolerance);
            Difference.AssertRelativeL2($"step {step} logits", run.Logits(), reference.Logits(), Tolerance);
            Difference.AssertRelativeL2($"step {step} loss of libtorch", libtorch.Doubles($"step{step}.loss"), [expected], Tolerance);
            if (step == 1) CompareGradients(run, reference, OwnErrors(libtorch, reference));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Plain_network_teacher_forced(string device)
    {
        var libtorch = GoldenRun.Open("plain20");
        using var run = new GoldenRun("plain20", DeviceOptions.Parse(device));
        using var reference = new GoldenRun("plain20", new() { Kind = DeviceKind.Reference });
        Dictionary<string, double>? yardstick = null;
        for (int step = 1; step <= 3; step++)
        {
            // The same parameters, statistics and velocities on both sides: rounding of the steps before is not amplified.
            StateDict state = reference.Network.State(), momentum = reference.Network.Momentum();
            foreach (var side in new[] { run, reference })
            {
                side.Network.Load(state);
                side.Network.LoadMomentum(momentum);
            }
            Difference.AssertRelativeL2($"step {step} loss", [run.Step()], [reference.Step()], Tolerance);
            Difference.AssertRelativeL2($"step {step} logits", run.Logits(), reference.Logits(), Tolerance);
            // Without shortcuts every element at ReLU's kink moves all gradients before it by per cents, libtorch's float32 as much as ours
            // (1.4e-2 in four times its first step). So they are held to that here, and tightly, with kinks set aside, layer by layer.
            yardstick = step == 1 ? OwnErrors(libtorch, reference) : yardstick!.ToDictionary(entry => entry.Key, _ => 0.0125);
            var layers = LayerComparison.Run(new()
            {
                Architecture = run.Network.Architecture,
                Device = DeviceOptions.Parse(device),
                BatchSize = GoldenRun.Batch,
                Weights = state,
                Images = run.Input,
                Labels = run.Labels,
            });
            Assert.IsTrue(layers.Passed, $"step {step}: {string.Join(", ", layers.Rows.Where(row => !row.Passed))}");
            var errors = CompareGradients(run, reference, yardstick);
            foreach (var ((key, values), (_, expected)) in run.State().Zip(reference.State()))
            {
                double update = GoldenRun.LearningRate * errors.GetValueOrDefault(key) / Norm(expected);
                Difference.AssertRelativeL2($"step {step}, {key} after the update", values, expected, Tolerance + update);
            }
        }
    }

    /// <summary>How far libtorch's float32 gradients of the first step are from Reference's, relative to each tensor's norm.</summary>
    private static Dictionary<string, double> OwnErrors(SafeTensors libtorch, GoldenRun reference) => reference.Gradients().ToDictionary(
        entry => entry.Name, entry => TensorDifference.Between(libtorch.Doubles($"step1.grad.{entry.Name}"), entry.Values).RelativeL2);

    /// <summary>Compares the gradients; returns the norm of the error that was allowed to each.</summary>
    private static Dictionary<string, double> CompareGradients(GoldenRun run, GoldenRun reference, Dictionary<string, double> yardstick)
    {
        var allowed = new Dictionary<string, double>();
        foreach (var ((key, values), (_, expected)) in run.Gradients().Zip(reference.Gradients()))
        {
            double tolerance = Math.Max(Tolerance, 4 * yardstick[key]);
            Difference.AssertRelativeL2($"gradient of {key}", values, expected, tolerance);
            allowed[key] = tolerance * Norm(expected);
        }
        return allowed;
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}
