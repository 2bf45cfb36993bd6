using CudnnResNet.Training.Tests.Checkpoints;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>Whether two runs have come to the same: weights, velocities, summary and counts, times left out, to the last bit.</summary>
internal static class RunEnd
{
    public static void AreEqual(string expected, string folder, string what = "")
    {
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(expected), TinyRun.SummaryWithoutTimes(folder), what);
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(folder, name)), $"{what} {name}");
        AreEqual(Checkpoint.Load(Path.Combine(expected, "last.state")), Checkpoint.Load(Path.Combine(folder, "last.state")), what);
        Assert.IsEmpty(Directory.GetFiles(folder, "*.tmp"), what);
    }

    public static void AreEqual(Checkpoint expected, Checkpoint found, string what)
    {
        Assert.AreEqual(
            (expected.Step, expected.Epoch, expected.StepInEpoch, expected.EpochTotals, expected.Best, expected.WarmingUp, expected.SummaryRows),
            (found.Step, found.Epoch, found.StepInEpoch, found.EpochTotals, found.Best, found.WarmingUp, found.SummaryRows), what);
        Checkpoints.Checkpoints.AreEqual(expected.State, found.State);
        Checkpoints.Checkpoints.AreEqual(expected.Momentum, found.Momentum);
    }
}
