namespace CudnnResNet.Runner.Tests;

/// <summary>Runs that are interrupted, killed, and go on.</summary>
[TestClass]
public sealed class InterruptionTests
{
    private const int Sigint = 2, Sigkill = 9, Sigterm = 15;

    // Batches of one image make an epoch that is still going on when the signal arrives.
    private static readonly string[] Long = ["train", "--dataset", "synthetic", "--depth", "8", "--batch-size", "1", "--recipe", "demo", "--log-interval", "1", "--json", "--checkpoint-every", "0"];
    private const string LongSize = "CUDNNRESNET_TEST_SYNTHETIC=10000,20";

    [TestInitialize]
    public void NeedsSignals()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX signals");
    }

    [TestMethod]
    [DataRow(Sigint, 130)]
    [DataRow(Sigterm, 143)]
    public void The_first_signal_saves_however_long_that_takes(int signal, int exitCode)
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, Long, LongSize, "CUDNNRESNET_TEST_SAVE_DELAY_MS=2500");
        program.WaitForLine("\"step\":3,");
        program.Signal(signal);
        var outcome = program.Wait();
        Assert.AreEqual(exitCode, outcome.ExitCode, outcome.ToString());
        Assert.AreEqual("", outcome.Error);
        Assert.HasCount(1, TinyRun.Records(outcome.Out, "stopped"));
        long saved = TinyRun.Records(outcome.Out, "stopped")[0].GetProperty("steps_done").GetInt64();

        using var resumed = RunnerProgram.Start(folder, ["train", "--resume", "--json", "--log-interval", "1"], LongSize);
        resumed.WaitForLine($"\"steps_done\":{saved}");
        resumed.WaitForLine("\"event\":\"step\"");
        resumed.Signal(Sigkill);
    }

    [TestMethod]
    [DataRow(Sigint, 130)]
    [DataRow(Sigterm, 143)]
    public void The_second_signal_stops_at_once(int signal, int exitCode)
    {
        using var folder = new TemporaryFolder();
        // Longer than the patience of RunnerProgram.Wait: a program that waits for the save fails.
        using var program = RunnerProgram.Start(folder, Long, LongSize, "CUDNNRESNET_TEST_SAVE_DELAY_MS=600000");
        program.WaitForLine("\"step\":3,");
        program.Signal(signal);
        program.WaitForLine("stopping");
        program.Signal(signal);
        var outcome = program.Wait();
        Assert.AreEqual(exitCode, outcome.ExitCode);
        Assert.IsEmpty(TinyRun.Records(outcome.Out, "stopped"));
    }

    [TestMethod]
    public void A_run_killed_in_mid_epoch_goes_on_as_if_nothing_had_happened()
    {
        using var whole = new TemporaryFolder();
        TinyRun.Run(whole, "--epochs", "3", "--name", "tiny").Succeeds();

        using var folder = new TemporaryFolder();
        string[] args = TinyRun.Args("--epochs", "3", "--name", "tiny", "--checkpoint-every", "5", "--log-interval", "1", "--json");
        // The save at step 15 takes long enough for the kill to arrive before step 16.
        using (var program = RunnerProgram.Start(folder, args, TinyRun.Size, "CUDNNRESNET_TEST_SAVE_DELAY_MS=700"))
        {
            program.WaitForLine("\"epoch\":1,\"epochs\":3,\"step\":12,");
            program.Signal(Sigkill);
            Assert.AreEqual(128 + Sigkill, program.Wait().ExitCode);
        }
        var outcome = TinyRun.Resume(folder, "--json").Succeeds();
        Assert.AreEqual(30, TinyRun.Records(outcome.Out, "run")[0].GetProperty("steps_done").GetInt64(), "the kill was to come after the checkpoint at step 10 of the second epoch");
        string run = folder["runs", TinyRun.Name], expected = whole["runs", TinyRun.Name];
        CollectionAssert.AreEqual(Summary.WithoutTimes(expected), Summary.WithoutTimes(run));
        Assert.HasCount(3, Summary.Hashes(run));
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(expected, "last.safetensors")), File.ReadAllBytes(Path.Combine(run, "last.safetensors")));
    }

    [TestMethod]
    public void A_run_goes_on_by_path_by_name_and_as_the_newest_with_other_threads()
    {
        using var folder = new TemporaryFolder();
        string run = TinyRun.CopyTo(folder);
        TinyRun.Resume(folder).Succeeds();
        TinyRun.Resume(folder, TinyRun.Name, "--threads", "1").Succeeds();
        TinyRun.Resume(folder, run, "--batch-size", "8", "--recipe", "auto").Succeeds();
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(TinyRun.Finished, "last.safetensors")), File.ReadAllBytes(Path.Combine(run, "last.safetensors")));
    }

    [TestMethod]
    public void Stopped_by_Ctrl_C_it_goes_on_in_another_place_with_other_threads_as_if_nothing_had_happened()
    {
        using var folder = new TemporaryFolder();
        using (var program = RunnerProgram.Start(folder, TinyRun.Args("--epochs", "2", "--name", "tiny", "--threads", "2", "--log-interval", "1", "--json"), TinyRun.Size, "CUDNNRESNET_TEST_SAVE_DELAY_MS=300"))
        {
            // The end of the first epoch is saved slowly enough for the signal to arrive before the second is over.
            program.WaitForLine("\"epoch\":0,\"epochs\":2,\"step\":20,");
            program.Signal(Sigint);
            Assert.AreEqual(130, program.Wait().ExitCode);
        }
        using var elsewhere = new TemporaryFolder();
        string run = elsewhere["moved"];
        Directory.Move(folder["runs", TinyRun.Name], run);
        TinyRun.Resume(elsewhere, "moved", "--threads", "1").Succeeds();

        CollectionAssert.AreEqual(Summary.WithoutTimes(TinyRun.Finished), Summary.WithoutTimes(run));
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(TinyRun.Finished, name)), File.ReadAllBytes(Path.Combine(run, name)));
        var (expected, found) = (Training.Checkpoint.Load(Path.Combine(TinyRun.Finished, "last.state")), Training.Checkpoint.Load(Path.Combine(run, "last.state")));
        foreach (var velocity in expected.Momentum.Tensors) CollectionAssert.AreEqual(velocity.Values, found.Momentum[velocity.Name].Values, velocity.Name);
    }

    [TestMethod]
    [DataRow("--lr", "0.5", "the run's 0.00625")]
    [DataRow("--depth", "14", "the run's 8")]
    [DataRow("--seed", "4", "the run's 3")]
    [DataRow("--epochs", "9", "the run's 2")]
    [DataRow("--crop", "none", "the run's random")]
    public void A_run_that_goes_on_keeps_its_options(string option, string value, string part)
    {
        using var folder = new TemporaryFolder();
        TinyRun.CopyTo(folder);
        TinyRun.Resume(folder, TinyRun.Name, option, value).Fails(2, option, value, part);
    }
}
