using System.Text.Json;

namespace CudnnResNet.Runner.Tests;

/// <summary>What a run prints and writes, for people and for programs.</summary>
[TestClass]
public sealed class TrainTests
{
    [TestMethod]
    public void A_run_tells_what_it_does_and_what_to_do_next()
    {
        using var folder = new TemporaryFolder();
        string[] lines = TinyRun.Run(folder, "--epochs", "2").Succeeds().Out.TrimEnd('\n').Split('\n');
        string[] names = ["device", "data", "network", "recipe", "run"];
        for (int i = 0; i < names.Length; i++) Assert.StartsWith(names[i].PadRight(10), lines[i]);
        Assert.Contains("no usable CUDA", lines[0]);
        Assert.Contains("SYNTHETIC", lines[1]);
        Assert.Contains("resnet8, 75,290 parameters", lines[2]);
        Assert.Contains("SYNTHETIC", lines[4]);

        var table = lines.SkipWhile(line => !line.TrimStart().StartsWith("epoch ", StringComparison.Ordinal)).ToList();
        foreach (string column in (string[])["epoch", "lr", "loss", "train_err", "test_err", "best", "img/s", "time", "eta", "SYNTHETIC"]) Assert.Contains(column, table[0]);
        Assert.StartsWith("1/2", table[1].TrimStart());
        Assert.StartsWith("2/2", table[2].TrimStart());
        Assert.AreEqual("", table[3]);
        Assert.StartsWith("done      test error ", table[4]);
        Assert.Contains(" of 20)", table[4]);
        Assert.StartsWith("wrote     ", table[6]);
        Assert.StartsWith("next      dotnet run --project Runner -- eval --weights runs", table[7]);
        Assert.Contains("SYNTHETIC", table[^1]);
        Assert.Contains("data download", table[^1]);
        foreach (string line in lines.Skip(5)) Assert.IsLessThanOrEqualTo(140, line.Length, line);
        foreach (string line in table.Take(4)) Assert.IsLessThanOrEqualTo(100, line.Length, line);
        Assert.DoesNotContain("\u001b", string.Concat(lines));
    }

    [TestMethod]
    public void A_name_that_is_taken_gets_a_number_and_the_older_run_is_untouched()
    {
        using var folder = new TemporaryFolder();
        TinyRun.CopyTo(folder);
        string before = File.ReadAllText(folder["runs", TinyRun.Name, "summary.csv"]);
        TinyRun.Run(folder, "--epochs", "1", "--name", "tiny").Succeeds();
        Assert.IsTrue(File.Exists(folder["runs", $"{TinyRun.Name}-2", "last.safetensors"]));
        Assert.AreEqual(before, File.ReadAllText(folder["runs", TinyRun.Name, "summary.csv"]));
    }

    [TestMethod]
    public void Programs_get_one_object_per_line()
    {
        using var folder = new TemporaryFolder();
        string output = TinyRun.Run(folder, "--epochs", "2", "--log-interval", "5", "--json").Succeeds().Out;
        foreach (string kind in (string[])["device", "data", "run", "done"]) Assert.HasCount(1, TinyRun.Records(output, kind));
        Assert.HasCount(2, TinyRun.Records(output, "epoch"));
        Assert.HasCount(8, TinyRun.Records(output, "step"));
        var done = TinyRun.Records(output, "done")[0];
        Assert.AreEqual(64, done.GetProperty("weights_sha256").GetString()!.Length);
        Assert.AreEqual(40, done.GetProperty("steps_done").GetInt64());
        Assert.IsTrue(done.GetProperty("synthetic").GetBoolean());
    }

    [TestMethod]
    public void Quiet_leaves_the_result()
    {
        using var folder = new TemporaryFolder();
        string[] lines = TinyRun.Run(folder, "--epochs", "1", "--quiet").Succeeds().Out.TrimEnd('\n').Split('\n');
        Assert.HasCount(2, lines);
        Assert.Contains("test error", lines[0]);
        Assert.Contains("SYNTHETIC", lines[1]);
    }

    [TestMethod]
    public void The_weights_do_not_depend_on_the_threads()
    {
        using var folder = new TemporaryFolder();
        string one = Hash("1"), two = Hash("2");
        Assert.AreEqual(one, two);

        string Hash(string threads)
        {
            var outcome = TinyRun.Run(folder, "--iterations", "50", "--json", "--device", "cpu", "--threads", threads).Succeeds();
            var done = TinyRun.Records(outcome.Out, "done")[0];
            Assert.AreEqual(50, done.GetProperty("steps_done").GetInt64());
            Assert.Contains($"{threads} thread", TinyRun.Records(outcome.Out, "device")[0].GetProperty("description").GetString()!);
            return done.GetProperty("weights_sha256").GetString()!;
        }
    }

    [TestMethod]
    public void A_config_file_and_the_environment_stand_in_for_options()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{ "dataset": "synthetic", "depth": 8, "batch-size": 16, "epochs": 1, "lr": 0.05 }""");
        using var program = RunnerProgram.Start(folder, ["--config", "config.json", "--lr", "0.02"], TinyRun.Size, "CUDNNRESNET_SEED=7", "CUDNNRESNET_LR=0.01", "CUDNNRESNET_QUIET=1");
        program.Wait().Succeeds();
        string args = Directory.GetFiles(folder["runs"], "args.json", SearchOption.AllDirectories).Single();
        using var json = JsonDocument.Parse(File.ReadAllText(args));
        Assert.AreEqual(16, json.RootElement.GetProperty("batch-size").GetInt32());
        Assert.AreEqual(0.02, json.RootElement.GetProperty("lr").GetDouble());
        Assert.AreEqual(7, json.RootElement.GetProperty("seed").GetInt32());
    }

    [TestMethod]
    public void The_options_of_a_run_are_a_config_file_that_repeats_it()
    {
        using var folder = new TemporaryFolder();
        string args = Path.Combine(TinyRun.Finished, "args.json");
        using var program = RunnerProgram.Start(folder, ["--config", args, "--json"], TinyRun.Size);
        string again = TinyRun.Records(program.Wait().Succeeds().Out, "done")[0].GetProperty("weights_sha256").GetString()!;
        Assert.AreEqual(Summary.Hashes(TinyRun.Finished)[^1], again);
    }

    [TestMethod]
    public void Without_data_and_network_a_bare_run_goes_on_with_the_synthetic_set()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "--depth", "8", "--iterations", "1", "--recipe", "demo", "--offline").Succeeds().Out;
        Assert.Contains("data      SYNTHETIC", output);
        Assert.Contains("./data", output);
        Assert.Contains("--offline", output);
        RunnerProgram.Run(folder, "--depth", "8", "--dataset", "cifar10", "--offline").Fails(4, "CIFAR-10 was not found", "--offline");
    }

    [TestMethod]
    public void Divergence_is_exit_code_6()
    {
        using var folder = new TemporaryFolder();
        var outcome = TinyRun.Run(folder, "--epochs", "5", "--lr", "100", "--momentum", "0.99", "--milestones", "1000");
        Assert.AreEqual(6, outcome.ExitCode, outcome.ToString());
        Assert.StartsWith("error: diverged at step ", outcome.Error);
        Assert.Contains(" is not finite, the first ", outcome.Error);
    }
}
