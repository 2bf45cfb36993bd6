namespace CudnnResNet.Runner.Tests;

/// <summary>Several runs by one command, which goes on where it stopped.</summary>
[TestClass]
public sealed class ReproduceTests
{
    private static readonly string[] Two = ["reproduce", "--depths", "8", "--dataset", "synthetic", "--batch-size", "16", "--epochs", "2"];

    [TestMethod]
    public void The_plan_says_what_would_run_and_how_long_and_a_dry_run_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        string output = Run(folder, [.. Two, "--seeds", "1,2", "--dry-run"]).Succeeds().Out;
        foreach (string line in (string[])["plain8", "resnet8", "new, 20 steps", "4 of 4 runs to do, about "]) Assert.Contains(line, output);
        Assert.IsFalse(Directory.Exists(folder["runs"]));
    }

    [TestMethod]
    public void Every_run_is_made_and_a_second_time_none()
    {
        using var folder = new TemporaryFolder();
        var first = Run(folder, [.. Two, "--json"]).Succeeds();
        Assert.HasCount(2, TinyRun.Records(first.Out, "done"));
        string[] runs = [.. Runs(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "plain8-demo-seed1-SYNTHETIC", "resnet8-demo-seed1-SYNTHETIC" }, runs);
        string before = Summary.Hashes(folder["runs", runs[1]])[^1];
        Assert.Contains("ResNet-8", File.ReadAllText(folder["runs", "report", "report.md"]));

        var second = Run(folder, [.. Two, "--json"]).Succeeds();
        Assert.IsEmpty(TinyRun.Records(second.Out, "epoch"));
        Assert.AreEqual(0, TinyRun.Records(second.Out, "plan")[0].GetProperty("seconds").GetDouble());
        Assert.AreEqual(before, Summary.Hashes(folder["runs", runs[1]])[^1]);
        Assert.HasCount(2, Runs(folder));
    }

    [TestMethod]
    public void A_killed_set_goes_on_with_the_run_it_was_in_and_gives_the_same_weights()
    {
        using var whole = new TemporaryFolder();
        Run(whole, Two).Succeeds();

        using var folder = new TemporaryFolder();
        Run(folder, [.. Two, "--archs", "plain"]).Succeeds();
        using (var program = RunnerProgram.Start(folder, [.. Two, "--log-interval", "1", "--checkpoint-every", "5", "--json"], TinyRun.Size, "CUDNNRESNET_TEST_SAVE_DELAY_MS=300"))
        {
            program.WaitForLine("\"step\":7,");
            program.Signal(9);
            program.Wait();
        }
        var plan = TinyRun.Records(Run(folder, [.. Two, "--json"]).Succeeds().Out, "plan")[0].GetProperty("runs");
        long[] done = [.. plan.EnumerateArray().Select(run => run.GetProperty("steps_done").GetInt64())];
        Assert.AreEqual(20, done[0]);
        Assert.IsTrue(done[1] is >= 5 and < 20, $"step {done[1]}");
        foreach (string run in (string[])["plain8-demo-seed1-SYNTHETIC", "resnet8-demo-seed1-SYNTHETIC"])
            CollectionAssert.AreEqual(Summary.WithoutTimes(whole["runs", run]), Summary.WithoutTimes(folder["runs", run]));
    }

    [TestMethod]
    public void Ctrl_C_stops_all_of_them()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX signals");
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["reproduce", "--depths", "8", "--dataset", "synthetic", "--batch-size", "16", "--epochs", "500", "--log-interval", "1", "--json"], TinyRun.Size);
        program.WaitForLine("\"step\":3,");
        program.Signal(2);
        var outcome = program.Wait();
        Assert.AreEqual(130, outcome.ExitCode, outcome.ToString());
        Assert.HasCount(1, TinyRun.Records(outcome.Out, "stopped"));
        Assert.HasCount(1, Runs(folder));
    }

    [TestMethod]
    public void Other_options_make_other_runs()
    {
        using var folder = new TemporaryFolder();
        string[] one = ["reproduce", "--archs", "resnet", "--depths", "8", "--dataset", "synthetic", "--batch-size", "16", "--epochs", "1"];
        Run(folder, one).Succeeds();
        Run(folder, [.. one, "--lr", "0.01"]).Succeeds();
        Assert.HasCount(2, Runs(folder));
        Assert.HasCount(2, Runs(folder).Select(path => Summary.Hashes(path)[^1]).Distinct().ToList());
        Run(folder, [.. one, "--threads", "1"]).Succeeds();
        Assert.HasCount(2, Runs(folder), "the number of threads does not make another run");
    }

    [TestMethod]
    [DataRow("--depths", "8,21", "depth 21 is not 6n+2")]
    [DataRow("--depths", "8,8", "names something twice")]
    [DataRow("--archs", "vgg", "which is not one of resnet, plain")]
    [DataRow("--seeds", "1,x", "holds 'x', which is not a whole number")]
    public void Bad_lists_are_named(string option, string value, string message)
    {
        using var folder = new TemporaryFolder();
        Run(folder, "reproduce", option, value, "--dataset", "synthetic").Fails(2, message);
        Assert.IsFalse(Directory.Exists(folder["runs"]));
    }

    [TestMethod]
    public void A_damaged_run_is_an_error_and_not_begun_anew()
    {
        using var folder = new TemporaryFolder();
        Run(folder, Two).Succeeds();
        string run = folder["runs", "plain8-demo-seed1-SYNTHETIC"];
        foreach (string state in Directory.GetFiles(run, "*.state")) File.WriteAllText(state, "damaged");
        Run(folder, Two).Fails(5, run);
    }

    [TestMethod]
    [TestCategory("Long")]
    public void A_study_trains_both_sides_of_each_comparison_and_tells_their_difference()
    {
        using var folder = new TemporaryFolder();
        string[] study = ["reproduce", "--study", "notes", "--dataset", "synthetic", "--batch-size", "16", "--epochs", "1"];
        var outcome = Run(folder, [.. study, "--json"]).Succeeds();
        Assert.HasCount(4, Runs(folder));
        var rows = TinyRun.Records(outcome.Out, "comparison");
        CollectionAssert.AreEqual(new[] { 1, 4, 5, 5 }, rows.Select(row => row.GetProperty("note").GetInt32()).ToArray());
        foreach (var row in rows)
        {
            double difference = row.GetProperty("varied_err").GetDouble() - row.GetProperty("base_err").GetDouble();
            Assert.AreEqual(difference, row.GetProperty("difference").GetDouble(), 1e-12);
        }
        string weights = folder["runs", "resnet20-demo-seed1-SYNTHETIC", "last.safetensors"];
        string[] statistics = ["running", "batch"];
        double[] evaluated = [.. statistics.Select(kind => TinyRun.Records(Run(folder, "eval", "--weights", weights, "--batch-size", "16", "--batch-norm-statistics", kind, "--json").Succeeds().Out, "eval")[0].GetProperty("test_err").GetDouble())];
        Assert.AreEqual(evaluated[0], rows[2].GetProperty("base_err").GetDouble());
        Assert.AreEqual(evaluated[1], rows[2].GetProperty("varied_err").GetDouble());
        Assert.Contains("SYNTHETIC", Run(folder, study).Succeeds().Out);
    }

    [TestMethod]
    public void A_study_has_networks_of_its_own()
    {
        using var folder = new TemporaryFolder();
        Run(folder, "reproduce", "--study", "notes", "--depths", "8").Fails(2, "--depths does not go with --study");
        Run(folder, "reproduce", "--study", "everything").Fails(2, "'everything' is not a study");
    }

    /// <summary>The folders of runs; the set's report lies beside them.</summary>
    private static string[] Runs(TemporaryFolder folder) => [.. Directory.GetDirectories(folder["runs"]).Where(path => File.Exists(Path.Combine(path, "args.json")))];

    private static Outcome Run(TemporaryFolder folder, params string[] args)
    {
        using var program = RunnerProgram.Start(folder, args, TinyRun.Size);
        return program.Wait();
    }
}
