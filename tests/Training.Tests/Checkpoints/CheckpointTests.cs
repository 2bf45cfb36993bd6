using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Checkpoints;

[TestClass]
public class CheckpointTests
{
    [TestMethod]
    public void What_is_saved_is_loaded_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        var saved = Checkpoints.Sample(step: 12345678901) with
        {
            Architecture = new(Architecture.ResNet, 8, ShortcutPadding.Centred),
            EpochTotals = new(5120, 0.1 + 0.2, 77),
            Best = new(3, 1.0 / 3),
            WarmingUp = true,
            ElapsedSeconds = Math.PI,
            Options = "{\n  \"depth\": 8, \"name\": \"ü\"\n}",
            Device = "cuda",
            Algorithms = new("GPU \"ü\"", "9.10.2", Precision.Tf32, [new("3x8x8 to 4x4x4, stride 2", 80, ConvolutionPass.BackwardData, "One", "Fma"), new("x", 1, ConvolutionPass.Forward, "Two", "TensorCores")]),
        };
        saved.Save(folder["last.state"]);
        var loaded = Checkpoint.Load(folder["last.state"]);
        CollectionAssert.AreEqual(saved.Algorithms.Algorithms.ToArray(), loaded.Algorithms!.Algorithms.ToArray());
        Assert.IsTrue(saved.Algorithms.Fits(loaded.Algorithms));
        Assert.AreEqual(saved with { State = loaded.State, Momentum = loaded.Momentum, Algorithms = loaded.Algorithms }, loaded);
        Checkpoints.AreEqual(saved.State, loaded.State);
        Checkpoints.AreEqual(saved.Momentum, loaded.Momentum);
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("null")]
    [DataRow("{}")]
    [DataRow("""{"gpu":null,"cudnn":"9","precision":"Fp32","algorithms":[]}""")]
    [DataRow("""{"gpu":"g","cudnn":"9","precision":"Fp32"}""")]
    [DataRow("""{"gpu":"g","cudnn":"9","precision":"Fp8","algorithms":[]}""")]
    public void Algorithms_that_are_none_are_refused(string json)
    {
        var entries = CheckpointMetadata.Write(Checkpoints.Sample(step: 1));
        entries["algorithms"] = json;
        var error = Assert.ThrowsExactly<WeightsException>(() => CheckpointMetadata.Read(entries, _ => (new(), new())));
        StringAssert.Contains(error.Message, "the checkpoint's algorithms");
    }

    [TestMethod]
    public void Before_the_first_epoch_is_over_there_is_no_best()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(step: 1).Save(folder["last.state"]);
        Assert.IsNull(Checkpoint.Load(folder["last.state"]).Best);
    }
}
