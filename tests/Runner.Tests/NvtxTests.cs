namespace CudnnResNet.Runner.Tests;

/// <summary>A profiler that announces itself as Nsight does gets the ranges of the whole program, on the cpu too.</summary>
[TestClass]
public sealed class NvtxTests
{
    [TestMethod]
    public void Training_has_ranges_for_epochs_and_steps()
    {
        var roots = Ranges(out string weights, "--epochs", "2");
        Assert.AreEqual(Summary.Hashes(TinyRun.Finished)[^1], weights);
        CollectionAssert.AreEqual((string[])["save checkpoint", "epoch 0", "epoch 1", "inspection"], roots.Select(range => range.Name).ToArray());
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var inner = roots[1 + epoch].Inner;
            CollectionAssert.AreEqual(Enumerable.Range(1 + epoch * 20, 20).Select(step => $"step {step}").ToArray(), inner.Take(20).Select(range => range.Name).ToArray());
            Assert.AreEqual("evaluation", inner[20].Name);
            CollectionAssert.AreEqual((string[])["pass", "pass", "pass"], inner[20].Inner.Select(range => range.Name).ToArray());
            Assert.IsTrue(inner.Take(20).All(step => step.Inner is []));
        }
    }

    [TestMethod]
    public void With_a_profile_steps_and_passes_have_ranges_for_their_ops()
    {
        var epoch = Ranges(out _, "--epochs", "1", "--profile")[1];
        string[] layers = ["conv1", .. from stage in Enumerable.Range(1, 3) from conv in Enumerable.Range(1, 2) select $"layer{stage}.0.conv{conv}", "fc"];
        string[] ops = ["augment", .. layers.Select(name => $"{name} forward"), .. layers.Reverse().Select(name => $"{name} backward"), "update"];
        foreach (var step in epoch.Inner.Take(20)) CollectionAssert.AreEqual(ops, step.Inner.Select(range => range.Name).ToArray(), step.Name);
        string[] forward = ["augment", .. layers.Select(name => $"{name} forward")];
        foreach (var pass in epoch.Inner[20].Inner) CollectionAssert.AreEqual(forward, pass.Inner.Select(range => range.Name).Distinct().ToArray());
    }

    [TestMethod]
    public void Steps_of_a_GPU_that_are_no_graphs_have_ranges_for_ops_library_calls_and_kernels()
    {
        string[] settings = [$"CUDNNRESNET_CUDA_PATH={Emulator.Folder}"];
        var steps = Steps(Ranges(out string weights, settings, "--device", "cuda", "--no-graph", "--iterations", "3"));
        Assert.HasCount(3, steps);
        foreach (var step in steps)
        {
            var op = step.Inner.Single(range => range.Name == "layer2.0.conv2 backward");
            CollectionAssert.IsSubsetOf((string[])["cudnnBatchNormalizationBackward", "cudnnConvolutionBackwardFilter", "cudnnConvolutionBackwardData"], op.Inner.Select(range => range.Name).ToArray());
            Assert.Contains("augment", step.Inner[0].Inner[0].Name);
            Assert.IsTrue(step.Inner.All(range => range.Inner is not []), step.Name);
        }
        // As a graph a step is one launch: what is in it was given to the stream once and captured once.
        steps = Steps(Ranges(out string graphWeights, settings, "--device", "cuda", "--iterations", "3"));
        Assert.AreEqual(weights, graphWeights);
        Assert.IsNotEmpty(steps[0].Inner);
        Assert.IsEmpty(steps[2].Inner);

        static List<TracedRange> Steps(List<TracedRange> roots) => [.. roots.SelectMany(range => range.All).Where(range => range.Name.StartsWith("step ", StringComparison.Ordinal))];
    }

    private static List<TracedRange> Ranges(out string weights, params string[] args) => Ranges(out weights, [], args);

    /// <summary>What a profiler's library of ours wrote down of a run of the program; asserts that every range is closed.</summary>
    private static List<TracedRange> Ranges(out string weights, string[] settings, params string[] args)
    {
        using var folder = new TemporaryFolder();
        CCompiler.Build(Path.Combine(AppContext.BaseDirectory, "injection.c"), folder["injection.so"], "WRITES");
        using var program = RunnerProgram.Start(
            folder, TinyRun.Args([.. args, "--json"]), [TinyRun.Size, $"NVTX_INJECTION64_PATH={folder["injection.so"]}", $"NVTX_TEST_FILE={folder["ranges.txt"]}", .. settings]);
        weights = TinyRun.Records(program.Wait().Succeeds().Out, "done")[0].GetProperty("weights_sha256").GetString()!;

        var roots = new List<TracedRange>();
        var open = new Stack<TracedRange>();
        foreach (string line in File.ReadAllLines(folder["ranges.txt"]))
        {
            if (line == "pop") open.Pop();
            else
            {
                Assert.StartsWith("push ", line);
                var range = new TracedRange(line["push ".Length..], "nvtx", 0, 0);
                (open.TryPeek(out var outer) ? outer.Inner : roots).Add(range);
                open.Push(range);
            }
        }
        Assert.IsEmpty(open);
        return roots;
    }
}
