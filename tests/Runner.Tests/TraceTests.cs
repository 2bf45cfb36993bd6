namespace CudnnResNet.Runner.Tests;

/// <summary>--trace: a timeline of the run in a file, however the run ends.</summary>
[TestClass]
public sealed class TraceTests
{
    [TestMethod]
    public void Training_with_a_trace_gives_the_same_weights_and_a_timeline()
    {
        using var folder = new TemporaryFolder();
        string output = TinyRun.Run(folder, "--epochs", "2", "--trace", "out.json", "--trace-steps", "3:5", "--json").Succeeds().Out;
        Assert.AreEqual(Summary.Hashes(TinyRun.Finished)[^1], TinyRun.Records(output, "done")[0].GetProperty("weights_sha256").GetString());
        var told = TinyRun.Records(output, "trace").Single();
        Assert.AreEqual(3, told.GetProperty("steps").GetInt32());
        Assert.AreEqual(0, told.GetProperty("dropped").GetInt32());

        var roots = TraceJson.Read(folder["out.json"], out string[] names);
        Assert.StartsWith("process_name: CudnnResNet, resnet8 on cpu", names[0]);
        Assert.AreEqual(roots.Sum(range => range.All.Count()), told.GetProperty("ranges").GetInt32());
        CollectionAssert.AreEqual((string[])["save checkpoint", "epoch 0", "epoch 1", "inspection"], roots.Select(range => range.Name).ToArray());
        CollectionAssert.AreEqual(
            (string[])["step 3", "step 4", "step 5", "evaluation", "save weights", "save weights", "save checkpoint"], roots[1].Inner.Select(range => range.Name).ToArray());
        Assert.AreEqual("evaluation", roots[2].Inner[0].Name);
        foreach (var step in roots[1].Inner.Take(3)) Assert.HasCount(18, step.Inner); // 7 units and the head in both directions, augment, update
    }

    [TestMethod]
    public void Evaluation_and_bench_are_traced_too()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["eval", "--weights", Path.Combine(TinyRun.Finished, "last.safetensors"), "--batch-size", "8", "--trace", "eval.json", "--trace-steps", "1:9"], TinyRun.Size);
        Assert.Contains("trace     eval.json, ", program.Wait().Succeeds().Out);
        var evaluation = TraceJson.Read(folder["eval.json"]).Single();
        Assert.AreEqual("evaluation", evaluation.Name);
        CollectionAssert.AreEqual((string[])["pass 1", "pass 2", "pass 3"], evaluation.Inner.Select(range => range.Name).ToArray());

        RunnerProgram.Run(folder, "bench", "--depth", "8", "-b4", "--steps", "11", "--trace", "bench.json").Succeeds();
        CollectionAssert.AreEqual((string[])["warm-up", "step 10", "step 11"], TraceJson.Read(folder["bench.json"]).Select(range => range.Name).ToArray());
        CollectionAssert.AreEqual((string[])["bench.json", "eval.json"], folder.Files);
    }

    [TestMethod]
    public void A_run_that_diverges_leaves_its_trace()
    {
        using var folder = new TemporaryFolder();
        var outcome = TinyRun.Run(folder, "--epochs", "5", "--lr", "100", "--momentum", "0.99", "--milestones", "1000", "--trace", "out.json", "--trace-steps", "1:2");
        Assert.AreEqual(6, outcome.ExitCode, outcome.ToString());
        var roots = TraceJson.Read(folder["out.json"]);
        Assert.AreEqual("epoch 0", roots[1].Name);
        Assert.AreEqual("step 1", roots[1].Inner[0].Name);
    }

    [TestMethod]
    public void A_run_that_is_interrupted_leaves_its_trace()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX signals");
        const int sigint = 2;
        using var folder = new TemporaryFolder();
        string[] args = ["train", "--dataset", "synthetic", "--depth", "8", "--batch-size", "1", "--recipe", "demo", "--log-interval", "1", "--json", "--trace", "out.json", "--trace-steps", "1:3"];
        using var program = RunnerProgram.Start(folder, args, "CUDNNRESNET_TEST_SYNTHETIC=10000,20");
        program.WaitForLine("\"step\":3,");
        program.Signal(sigint);
        Assert.AreEqual(128 + sigint, program.Wait().ExitCode);
        var epoch = TraceJson.Read(folder["out.json"])[1];
        CollectionAssert.AreEqual((string[])["step 1", "step 2", "step 3", "save checkpoint"], epoch.Inner.Select(range => range.Name).ToArray());
    }

    [TestMethod]
    public void An_older_file_is_replaced_whole()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["out.json"], new string('x', 1_000_000));
        RunnerProgram.Run(folder, "bench", "--depth", "8", "-b1", "--steps", "1", "--trace", "out.json").Succeeds();
        Assert.AreEqual("warm-up", TraceJson.Read(folder["out.json"]).Single().Name);
        CollectionAssert.AreEqual((string[])["out.json"], folder.Files);
    }

    [TestMethod]
    public void A_place_that_cannot_be_written_is_an_error_before_any_work()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["there"]);
        TinyRun.Run(folder, "--trace", "there").Fails(2, "--trace there is a folder");
        TinyRun.Run(folder, "--trace", "nowhere/out.json").Fails(2, "--trace nowhere/out.json: there is no folder", "nowhere");
        if (OperatingSystem.IsLinux()) TinyRun.Run(folder, "--trace", "/proc/out.json").Fails(2, "--trace /proc/out.json cannot be written");
        CollectionAssert.AreEqual((string[])["there"], Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).ToArray());
    }
}
