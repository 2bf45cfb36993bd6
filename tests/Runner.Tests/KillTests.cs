using System.Globalization;

namespace CudnnResNet.Runner.Tests;

/// <summary>The real program, killed at random moments: nothing is lost. docs/reliability.md has the figures of 200 kills.</summary>
[TestClass]
public sealed class KillTests
{
    /// <summary>How many kills; a few by default, since each costs most of a second.</summary>
    private const string CountVariable = "CUDNNRESNET_TEST_KILLS";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Long")]
    public void Killed_at_random_moments_it_ends_with_the_undisturbed_bytes()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX signals");
        int wanted = int.Parse(Environment.GetEnvironmentVariable(CountVariable) ?? "40", CultureInfo.InvariantCulture), seed = Environment.TickCount, trainings = 0;
        using var training = new KilledTraining(seed);
        for (; training.Counts.Kills < wanted; trainings++)
            Assert.IsNull(training.Train(wanted - training.Counts.Kills), $"seed {seed}, after {training.Counts}");
        TestContext.WriteLine($"{trainings} trainings, {training.Counts}; seed {seed}");
        // About one in three; whether any of a handful does is left to chance.
        if (wanted >= 40) Assert.IsGreaterThan(0, training.Counts.WhileAFileWasWritten, $"none of {training.Counts}");
    }
}
