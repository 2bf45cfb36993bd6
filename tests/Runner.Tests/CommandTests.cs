using System.Text.Json;

namespace CudnnResNet.Runner.Tests;

/// <summary>The commands beside train.</summary>
[TestClass]
public sealed class CommandTests
{
    [TestMethod]
    public void Eval_finds_the_error_that_the_run_ended_with()
    {
        using var folder = new TemporaryFolder();
        string weights = Path.Combine(TinyRun.Finished, "last.safetensors");
        using var program = RunnerProgram.Start(folder, ["eval", "--weights", weights, "--json"], TinyRun.Size);
        var eval = TinyRun.Records(program.Wait().Succeeds().Out, "eval")[0];
        Assert.AreEqual(20, eval.GetProperty("images").GetInt32());
        string error = eval.GetProperty("test_err").GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"test_err={error}", Summary.WithoutTimes(TinyRun.Finished)[^1]);

        using var people = RunnerProgram.Start(folder, ["eval", "--weights", weights], TinyRun.Size);
        Assert.Contains(" of 20), SYNTHETIC", people.Wait().Succeeds().Out);
    }

    [TestMethod]
    [DataRow("8", "by the statistics of batches of 8, the last of 4")]
    [DataRow("10", "by the statistics of batches of 10")]
    [DataRow("128", "by the statistics of batches of 20")]
    public void Eval_with_the_batchs_statistics_says_what_the_batches_are(string batchSize, string said)
    {
        using var folder = new TemporaryFolder();
        string[] words = ["eval", "--weights", Path.Combine(TinyRun.Finished, "last.safetensors"), "--batch-norm-statistics", "batch", "-b", batchSize];
        using var people = RunnerProgram.Start(folder, words, TinyRun.Size);
        Assert.Contains($" of 20), {said}, SYNTHETIC", people.Wait().Succeeds().Out);
        using var program = RunnerProgram.Start(folder, [.. words, "--json"], TinyRun.Size);
        var eval = TinyRun.Records(program.Wait().Succeeds().Out, "eval")[0];
        Assert.AreEqual("batch", eval.GetProperty("batch_norm_statistics").GetString());
        Assert.AreEqual(batchSize, $"{eval.GetProperty("batch_size").GetInt32()}");
    }

    [TestMethod]
    public void Compare_shows_a_row_for_each_layer()
    {
        using var folder = new TemporaryFolder();
        var outcome = RunnerProgram.Run(folder, "compare", "--device", "cpu", "--depth", "8", "--batch", "2", "--dump", "layers.safetensors");
        string[] lines = outcome.Succeeds().Out.Split('\n');
        foreach (string layer in (string[])["conv1", "layer1.0.conv1", "layer3.0.conv2", "fc"])
            Assert.HasCount(1, lines.Where(line => line.StartsWith(layer + " ", StringComparison.Ordinal) && line.EndsWith("ok", StringComparison.Ordinal)));
        Assert.Contains("all 8 layers agree", outcome.Out);
        foreach (string line in lines.Where(line => line.Contains("e-", StringComparison.Ordinal)).SkipLast(1)) Assert.IsLessThanOrEqualTo(100, line.Length, line);
        Assert.IsGreaterThan(100_000, new FileInfo(folder["layers.safetensors"]).Length);
    }

    [TestMethod]
    [DataRow("train", 4)]
    [DataRow("infer", 4)]
    [DataRow("load", 4)]
    [DataRow("latency", 1)]
    public void Bench_measures_images_per_second(string mode, int batch)
    {
        using var folder = new TemporaryFolder();
        var bench = TinyRun.Records(RunnerProgram.Run(folder, "bench", "--depth", "8", "-b", $"{batch}", "--steps", "3", "--mode", mode, "--json").Succeeds().Out, "bench")[0];
        double median = Number("images_per_second");
        Assert.IsGreaterThan(0, median);
        Assert.IsLessThanOrEqualTo(median, Number("images_per_second_min"));
        Assert.AreEqual(batch / median, Number("seconds_per_step"), 1e-12);
        Assert.AreEqual(mode, bench.GetProperty("mode").GetString());
        Assert.AreEqual(batch, bench.GetProperty("batch_size").GetInt32());
        Assert.AreEqual(0, Number("bytes_per_step"));
        Assert.IsGreaterThan(0, Number("first_step_seconds"));
        Assert.IsGreaterThan(1e6, Number("peak_memory_bytes"));
        if (mode == "load")
        {
            foreach (string rate in (string[])["gflops_direct", "gflops_executed", "peak_gflops", "percent_of_peak"]) Assert.AreEqual(JsonValueKind.Null, bench.GetProperty(rate).ValueKind);
            return;
        }
        Assert.IsGreaterThan(0, Number("peak_gflops"));
        Assert.IsLessThanOrEqualTo(Number("gflops_direct"), Number("gflops_executed"));
        Assert.AreEqual(Number("gflops_executed") / Number("peak_gflops") * 100, Number("percent_of_peak"), 1e-9);

        double Number(string name) => bench.GetProperty(name).GetDouble();
    }

    [TestMethod]
    public void Bench_tells_people_the_same()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "bench", "--depth", "8", "-b4", "--steps", "3").Succeeds().Out;
        foreach (string part in (string[])["start     first step done ", "memory    0 bytes allocated per step, peak ", "peak      ", " images/s (median; "]) Assert.Contains(part, output);
        string latency = RunnerProgram.Run(folder, "bench", "--depth", "8", "--mode", "latency", "--steps", "3", "--quiet").Succeeds().Out;
        Assert.Contains(" ms for one image (median; ", latency);
    }

    [TestMethod]
    public void Bench_compares_in_turn()
    {
        using var folder = new TemporaryFolder();
        var checks = TinyRun.Records(RunnerProgram.Run(folder, "bench", "--depth", "8", "-b4", "--steps", "3", "--mode", "checks", "--json").Succeeds().Out, "checks")[0];
        foreach (string ratio in (string[])["ratio", "processor_ratio"]) Assert.IsGreaterThan(0, checks.GetProperty(ratio).GetProperty("median").GetDouble());
        var callers = TinyRun.Records(RunnerProgram.Run(folder, "bench", "--depth", "8", "--steps", "3", "--mode", "infer", "--callers", "3", "--json").Succeeds().Out, "callers")[0];
        var alternatives = callers.GetProperty("alternatives").EnumerateArray().ToList();
        CollectionAssert.AreEqual(new[] { 1, 3, 3 }, alternatives.Select(item => item.GetProperty("callers").GetInt32()).ToArray());
        Assert.AreEqual(1.0, alternatives[0].GetProperty("times_one_caller").GetProperty("median").GetDouble());
        string output = RunnerProgram.Run(folder, "bench", "--depth", "8", "--steps", "2", "--mode", "infer", "--callers", "2").Succeeds().Out;
        Assert.Contains("2 callers, one network that each waits for", output);
    }

    [TestMethod]
    [DataRow(new[] { 3.0 }, 3, 3, 3)]
    [DataRow(new[] { 4.0, 2 }, 3, 2, 4)]
    [DataRow(new[] { 5.0, 1, 4, 2, 3 }, 3, 2, 4)]
    public void The_spread_is_the_middle_half(double[] values, double median, double lower, double upper) =>
        Assert.AreEqual(new Spread(median, lower, upper), Spread.Of(values));

    [TestMethod]
    public void Doctor_says_what_to_type_next()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "doctor").Succeeds().Out;
        Assert.Contains("READY (cpu only)", output);
        Assert.Contains("cuda      not usable: ", output);
        Assert.Contains("next      dotnet run --project Runner -- data download", output);
        using var json = JsonDocument.Parse(RunnerProgram.Run(folder, "doctor", "--json").Succeeds().Out);
        Assert.IsTrue(json.RootElement.GetProperty("ready").GetBoolean());
        Assert.IsFalse(json.RootElement.GetProperty("cifar10").GetBoolean());
    }

    [TestMethod, TestCategory("Long")]
    public void The_published_weights_have_their_published_error()
    {
        string resnet = SharedFolder.File("data/pretrained/seed-resnet20.safetensors"), plain = SharedFolder.File("data/pretrained/seed-plainnet20.safetensors");
        if (Environment.GetEnvironmentVariable("CIFAR10_DIR") is not { Length: > 0 } data)
        {
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name the real images");
            return;
        }
        using var folder = new TemporaryFolder();
        Assert.Contains("test error 8.04 % (804 of 10000)", RunnerProgram.Run(folder, "eval", "--weights", resnet, "--data", data).Succeeds().Out);
        Assert.Contains("test error 9.69 % (969 of 10000)", RunnerProgram.Run(folder, "eval", "--arch", "plain", "--weights", plain, "--data", data).Succeeds().Out);
        Assert.Contains("test error 12.30 % (1230 of 10000), by the statistics of batches of 128, the last of 16", RunnerProgram.Run(folder, "eval", "--weights", resnet, "--data", data, "--batch-norm-statistics", "batch").Succeeds().Out);
    }

    [TestMethod, TestCategory("Long")]
    public void Without_weights_eval_takes_our_own_which_have_the_error_of_their_model_card()
    {
        if (Environment.GetEnvironmentVariable("CIFAR10_DIR") is not { Length: > 0 } data)
        {
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name the real images");
            return;
        }
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "eval", "--data", data).Succeeds().Out;
        string error = output.Split('\n').Single(line => line.StartsWith("test error ", StringComparison.Ordinal))["test error ".Length..];
        Assert.Contains($"| test error | {error}", File.ReadAllText(Repository.At("pretrained", "README.md")));
    }
}
