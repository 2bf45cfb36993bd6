using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A run that meets a NaN or an infinity says at which step and in which layer, on every device, and what was saved stays good.</summary>
[TestClass]
public sealed class DivergenceTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> Devices => [["cpu"], ["cuda"]];

    /// <summary>The reference device takes seconds.</summary>
    public static IEnumerable<object[]> AllDevices => [.. Devices, ["reference"]];

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void A_NaN_among_the_weights(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 0) at.Spoil("layer2.0.conv1", UnitTensor.W, _ => double.NaN); } };
        var error = Diverges(temp, device, plant);
        Assert.AreEqual((2L, "layer2.0.conv1"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "diverged at step 2 (epoch 0, step 2 of 3): ");
        StringAssert.Contains(error.Message, ", the first in that step is layer2.0.conv1.weight; the last good checkpoint is ");
    }

    [TestMethod]
    [DynamicData(nameof(AllDevices))]
    public void A_NaN_among_the_gradients_of_one_layer(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { BeforeBackward = (at, unit, n, dy) => { if (at.Step == 1 && unit == "layer1.0.conv2") at.Spoil(n, dy); } };
        var error = Diverges(temp, device, plant);
        Assert.AreEqual((2L, "layer1.0.bn2"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, ", the first in that step is the gradient of layer1.0.bn2.weight;");
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void An_update_that_overflows(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 1) at.Spoil("layer3.0.conv1", UnitTensor.MomentumBias, _ => double.PositiveInfinity); } };
        var error = Diverges(temp, device, plant);
        Assert.AreEqual((3L, "layer3.0.bn1"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "tensor 'layer3.0.bn1.bias' is not finite, the first in that step is layer3.0.bn1.bias;");
    }

    /// <summary>Batch norm divides by the deviation, so that all it hands on is finite: only the running variance tells.</summary>
    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void A_variance_that_overflows(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 0) at.Spoil("layer1.0.conv2", UnitTensor.W, w => 1e20 * w); } };
        var error = Diverges(temp, device, plant);
        Assert.AreEqual((2L, "layer1.0.bn2"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "tensor 'layer1.0.bn2.running_var' is not finite");
    }

    /// <summary>Weights stay finite, so it is the log interval that notices; the search tells which of its steps it was.</summary>
    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Nothing_but_the_loss(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { AfterForward = (at, head) => { if (at.Step == 1) head.SetTotals(head.ReadTotals() with { LossSum = double.NaN }); } };
        var error = Diverges(temp, device, plant, options => options with { LogInterval = 3 });
        Assert.AreEqual((2L, "fc"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "the loss is not finite, the first in that step is the loss;");
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void In_evaluation(string device)
    {
        using var temp = new TemporaryFolder();
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 2) at.Spoil("layer3.0.conv1", UnitTensor.RunningMean, _ => double.NaN); } };
        var error = Diverges(temp, device, plant);
        Assert.AreEqual((3L, "layer3.0.bn1"), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "the loss in evaluation is not finite, the first is layer3.0.bn1.running_mean;");
    }

    /// <summary>As a bit that flips: done again, the steps are fine, and that is said.</summary>
    [TestMethod]
    public void A_NaN_that_does_not_come_again_is_told_from_a_rate_that_is_too_large()
    {
        using var temp = new TemporaryFolder();
        int times = 0;
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 0 && times++ == 0) at.Spoil("conv1", UnitTensor.W, _ => double.NaN); } };
        var error = Diverges(temp, "cpu", plant);
        Assert.AreEqual((2L, null), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "done again from the checkpoint, all is finite: a fault of memory or hardware?");
    }

    [TestMethod]
    public void The_search_can_be_cancelled_and_the_divergence_is_told_all_the_same()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var plant = new Plant { AfterUpdate = at => { if (at.Step == 0) at.Spoil("conv1", UnitTensor.W, _ => double.NaN); } };
        using var trainer = Trainer.StartWith(Options(temp, "cpu"), TinyRun.Data, PlantedDevice.Networks(plant));
        var error = Assert.ThrowsExactly<DivergedException>(() => trainer.Run(new TinyRun.Watcher(report => { if (report is Notice) cancel.Cancel(); }), cancel.Token));
        Assert.AreEqual((2L, null), (error.Step, error.Layer));
        StringAssert.Contains(error.Message, "the search for the layer was cancelled");
    }

    /// <summary>Weights grow by a factor of about 100 with each step until float32 overflows. That the step is the first and the last good weights are good is checked by hand.</summary>
    [TestMethod]
    [DynamicData(nameof(AllDevices))]
    public void The_largest_learning_rate(string device)
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Device = device, Epochs = 20, Lr = 100, Milestones = [10_000], WeightDecay = 0.99, CheckpointEvery = 1, LogInterval = 1 };
        using var trainer = Trainer.Start(options, TinyRun.Data);
        var error = Assert.ThrowsExactly<DivergedException>(() => trainer.Run());
        Assert.IsNotNull(error.Layer, error.Message);
        StringAssert.Contains(error.Message, $"diverged at step {error.Step} (epoch ");
        var checkpoint = CheckSaved(trainer.Folder.Path);
        StringAssert.Contains(error.Message, $"of step {checkpoint.Step};");
        Assert.IsTrue(checkpoint.Step == error.Step - 1 || device == "cuda", $"saved after step {checkpoint.Step}: {error.Message}");
        Assert.AreEqual(checkpoint.State.Sha256(), trainer.Network.State().Sha256(), "the network has the last good weights");
    }

    [TestMethod]
    public void The_cuda_device_with_graphs_finds_what_it_finds_without()
    {
        _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Device = "cuda", Epochs = 20, Lr = 100, Milestones = [10_000], WeightDecay = 0.99, CheckpointEvery = 0, LogInterval = 2 };
        string[] messages = [.. new[] { true, false }.Select(noGraph =>
        {
            var error = Assert.ThrowsExactly<DivergedException>(() => TinyRun.Train(options with { NoGraph = noGraph, Name = "run" }));
            return error.Message[..error.Message.IndexOf("; the last good checkpoint", StringComparison.Ordinal)];
        })];
        Assert.AreEqual(messages[0], messages[1]);
    }

    private static TrainOptions Options(TemporaryFolder temp, string device) => TinyRun.Options(temp) with { Device = device, Epochs = 1, CheckpointEvery = 0, LogInterval = 1, NoGraph = true };

    private static DivergedException Diverges(TemporaryFolder temp, string device, Plant plant, Func<TrainOptions, TrainOptions>? change = null)
    {
        if (device == "cuda") _ = Emulator.Folder;
        var options = Options(temp, device);
        using var trainer = Trainer.StartWith(change?.Invoke(options) ?? options, TinyRun.Data, PlantedDevice.Networks(plant));
        int reported = 0;
        var error = Assert.ThrowsExactly<DivergedException>(() => trainer.Run(new TinyRun.Watcher(report => { if (report is StepProgress step) reported = step.Step; })));
        Assert.IsLessThanOrEqualTo(error.Step!.Value, reported, "no log interval after that of the step is told as if all were well");
        Assert.DoesNotContain('\n', error.Message);
        Assert.AreEqual(0, CheckSaved(trainer.Folder.Path).Step);
        return error;
    }

    /// <summary>Whatever was saved is whole and finite.</summary>
    private static Checkpoint CheckSaved(string folder)
    {
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
            if (Path.Combine(folder, name) is var path && File.Exists(path)) WeightsFile.Load(path);
        var checkpoint = Checkpoint.Load(Path.Combine(folder, "last.state"));
        Assert.IsTrue(checkpoint.State.Tensors.Concat(checkpoint.Momentum.Tensors).All(tensor => Array.TrueForAll(tensor.Values, float.IsFinite)));
        return checkpoint;
    }
}
