using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>The reference device against libtorch's runs: the same formulas, so the same numbers but for rounding.</summary>
[TestClass]
public sealed class ReferenceGoldenTests
{
    // 1e-9 of each tensor's norm; both sides round at 1e-16, and plain20's three steps amplify that by some 1e4.
    private const double Tolerance = 1e-9;

    [TestMethod]
    [DataRow("resnet20")]
    [DataRow("plain20")]
    public void Three_free_running_steps_match_libtorch_in_double(string name)
    {
        var golden = GoldenRun.Open($"{name}.float64");
        using var run = GoldenRun.OfLibtorch(name, plan => new ReferenceDevice(plan));
        Difference.AssertRelativeL2("inference logits", run.InferenceLogits(), golden.Doubles("logits.inference"), Tolerance);
        for (int step = 1; step <= 3; step++)
        {
            double loss = run.Step();
            Difference.AssertRelativeL2($"step {step} logits", run.Logits(), golden.Doubles($"step{step}.logits"), Tolerance);
            Difference.AssertRelativeL2($"step {step} loss", [loss], golden.Doubles($"step{step}.loss"), Tolerance);
            if (step > 1) continue;
            foreach (var (key, values) in run.Gradients())
                Difference.AssertRelativeL2($"step 1 gradient of {key}", values, golden.Doubles($"step1.grad.{key}"), Tolerance);
        }
        foreach (var (key, values) in run.State())
            Difference.AssertRelativeL2($"step 3 {key}", values, golden.Doubles($"step3.state.{key}"), Tolerance);
    }

    [TestMethod]
    public void Three_steps_with_centred_padding_match_libtorch_in_float()
    {
        const string name = "resnet20-centred";
        const double tolerance = 1e-5; // libtorch's own rounding: up to 2e-6, and no element at ReLU's kink that fell the other way
        var golden = GoldenRun.Open(name);
        using var run = GoldenRun.OfLibtorch(name, plan => new ReferenceDevice(plan));
        for (int step = 1; step <= 3; step++)
        {
            Difference.AssertRelativeL2($"step {step} loss", [run.Step()], golden.Doubles($"step{step}.loss"), tolerance);
            Difference.AssertRelativeL2($"step {step} logits", run.Logits(), golden.Doubles($"step{step}.logits"), tolerance);
            if (step > 1) continue;
            foreach (var (key, values) in run.Gradients())
                Difference.AssertRelativeL2($"step 1 gradient of {key}", values, golden.Doubles($"step1.grad.{key}"), tolerance);
        }
        foreach (var (key, values) in run.State())
            Difference.AssertRelativeL2($"step 3 {key}", values, golden.Doubles($"step3.state.{key}"), tolerance);
    }
}
