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
        };
        saved.Save(folder["last.state"]);
        var loaded = Checkpoint.Load(folder["last.state"]);
        Assert.AreEqual(saved with { State = loaded.State, Momentum = loaded.Momentum }, loaded);
        Checkpoints.AreEqual(saved.State, loaded.State);
        Checkpoints.AreEqual(saved.Momentum, loaded.Momentum);
    }

    [TestMethod]
    public void Before_the_first_epoch_is_over_there_is_no_best()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(step: 1).Save(folder["last.state"]);
        Assert.IsNull(Checkpoint.Load(folder["last.state"]).Best);
    }
}
