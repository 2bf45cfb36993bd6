namespace CudnnResNet.Runner.Tests;

/// <summary>--profile: where the time goes, as a table for people and as rows for programs.</summary>
[TestClass]
public sealed class ProfileTests
{
    [TestMethod]
    public void Training_with_a_profile_gives_the_same_weights_and_a_row_for_each_op()
    {
        using var folder = new TemporaryFolder();
        string output = TinyRun.Run(folder, "--epochs", "2", "--profile", "--json").Succeeds().Out;
        Assert.AreEqual(Summary.Hashes(TinyRun.Finished)[^1], TinyRun.Records(output, "done")[0].GetProperty("weights_sha256").GetString());

        var rows = TinyRun.Records(output, "profile");
        Assert.AreEqual(1, rows.Sum(row => row.GetProperty("share").GetDouble()), 1e-9);
        string[] ops = [.. rows.Select(row => $"{row.GetProperty("op").GetString()} {row.GetProperty("direction").GetString()}".TrimEnd())];
        CollectionAssert.AllItemsAreUnique(ops);
        CollectionAssert.IsSubsetOf((string[])["augment", "conv1 forward", "layer3.0.conv2 backward", "fc forward", "fc backward", "update", "other"], ops);
        Assert.HasCount(19, ops); // 7 conv-norm units and the head in both directions, augment, update, other
        foreach (var row in rows)
        {
            bool convolution = row.GetProperty("op").GetString()!.Contains("conv", StringComparison.Ordinal);
            Assert.AreEqual(convolution, row.GetProperty("kernel").GetString() is not null, row.ToString());
            Assert.AreEqual(40, row.GetProperty("calls").GetInt32());
            if (!convolution) continue;
            foreach (string rate in (string[])["gflops_direct", "gflops_executed", "gigabytes_per_second"]) Assert.IsGreaterThan(0, row.GetProperty(rate).GetDouble(), row.ToString());
        }
    }

    [TestMethod]
    public void Evaluation_shows_a_table_of_80_columns_before_its_result()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["eval", "--weights", Path.Combine(TinyRun.Finished, "last.safetensors"), "--batch-size", "8", "--profile"], TinyRun.Size);
        string[] lines = program.Wait().Succeeds().Out.Split('\n');
        int head = Array.FindIndex(lines, line => line.StartsWith("profile   3 inference passes of ", StringComparison.Ordinal));
        int result = Array.FindIndex(lines, line => line.StartsWith("test error ", StringComparison.Ordinal));
        Assert.IsGreaterThan(0, head);
        Assert.IsGreaterThan(head, result);
        foreach (string line in lines[head..result]) Assert.IsLessThanOrEqualTo(80, line.Length, line);
        Assert.HasCount(1, lines.Where(line => line.StartsWith("layer2.0.conv1  forward ", StringComparison.Ordinal)));
        Assert.IsFalse(lines.Any(line => line.Contains("backward", StringComparison.Ordinal)));
        Assert.HasCount(1, lines.Where(line => line.StartsWith("kernels   3x32x32  to 16x32x32  ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Bench_profiles_its_timed_steps_only()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "bench", "--depth", "8", "-b4", "--steps", "3", "--profile", "--json").Succeeds().Out;
        foreach (var row in TinyRun.Records(output, "profile")) Assert.AreEqual(3, row.GetProperty("calls").GetInt32(), row.ToString());
        Assert.HasCount(1, TinyRun.Records(output, "bench"));
    }

    [TestMethod]
    [DataRow("CUDNNRESNET_CPU_CONVOLUTION=winograd", "16x32x32", "16x32x32", "Winograd F(4x4, 3x3), ")]
    [DataRow("CUDNNRESNET_CPU_CONVOLUTION=winograd", "16x32x32", "32x16x16", "Winograd of stride 2, ")]
    [DataRow("CUDNNRESNET_CPU_CONVOLUTION=direct", "16x32x32", "16x32x32", "direct")]
    [DataRow("CUDNNRESNET_CPU_ISA=vector128", "3x32x32", "16x32x32", "direct, 4 floats")]
    public void Doctor_says_which_kernel_convolves_where(string setting, string input, string output, string kernel)
    {
        using var folder = new TemporaryFolder();
        using var people = RunnerProgram.Start(folder, ["doctor"], setting);
        string[] lines = [.. people.Wait().Succeeds().Out.Split('\n').Where(line => line.Contains($"{input,-8} to {output}  {kernel}", StringComparison.Ordinal))];
        Assert.HasCount(1, lines);
        using var program = RunnerProgram.Start(folder, ["doctor", "--json"], setting);
        var kernels = TinyRun.Records(program.Wait().Succeeds().Out, "doctor")[0].GetProperty("kernels").EnumerateArray().ToList();
        Assert.HasCount(6, kernels);
        Assert.AreEqual(19, kernels.Sum(kind => kind.GetProperty("layers").GetInt32()));
        Assert.StartsWith(kernel, kernels.Single(kind => kind.GetProperty("input").GetString() == input && kind.GetProperty("output").GetString() == output).GetProperty("kernel").GetString()!);
    }
}
