using System.Text.RegularExpressions;

namespace CudnnResNet.Runner.Tests.Cuda;

/// <summary>The program on the emulator: it works, and nobody can take what it says for a GPU's figures.</summary>
[TestClass]
public sealed partial class EmulatedTrainTests
{
    private const string SmallSet = "CUDNNRESNET_TEST_SYNTHETIC=40,20";

    [TestMethod]
    public void Trains_evaluates_and_says_on_every_page_that_it_was_emulated()
    {
        using var folder = new TemporaryFolder();
        var trained = Run(folder, [SmallSet], TinyRun.Args("--device", "cuda", "--epochs", "2", "--name", "tiny")).Succeeds();
        Assert.Contains("emulator (not hardware)", trained.Out);
        Assert.Contains("SYNTHETIC EMULATED\n", trained.Out, "the table's head");
        Assert.Contains("; SYNTHETIC; EMULATED\n", trained.Out);
        Assert.Contains("EMULATED: an emulator, not hardware", trained.Out);
        AssertNoSpeed(trained);
        string run = folder["runs", "tiny-SYNTHETIC-EMULATED"];
        Assert.Contains("emulator (not hardware)", File.ReadAllText(Path.Combine(run, "run.log")));

        string weights = Path.Combine(run, "last.safetensors");
        var cuda = Run(folder, [SmallSet], "eval", "--weights", weights, "--device", "cuda").Succeeds();
        Assert.Contains("no speed, because an emulator is not hardware", cuda.Out);
        AssertNoSpeed(cuda);
        var cpu = Run(folder, [SmallSet], "eval", "--weights", weights, "--device", "cpu").Succeeds();
        Assert.AreEqual(TestError().Match(cpu.Out).Value, TestError().Match(cuda.Out).Value);
        Assert.AreNotEqual("", TestError().Match(cpu.Out).Value);
        Run(folder, [], "bench", "--device", "cuda", "--depth", "8", "--batch-size", "1").Fails(2, "bench measures speed", "an emulator, not hardware");
    }

    [TestMethod]
    public void Interrupted_with_steps_under_way_it_is_saved_and_goes_on_to_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        string[] args = TinyRun.Args("--device", "cuda", "--epochs", "1", "--log-interval", "3", "--checkpoint-every", "0", "--json");
        Run(folder, [TinyRun.Size], [.. args, "--name", "whole"]).Succeeds();
        using (var program = RunnerProgram.Start(folder, [.. args, "--name", "tiny"], [TinyRun.Size, .. Machine]))
        {
            program.WaitForLine("\"step\":6");
            program.Signal(2);
            Assert.AreEqual(130, program.Wait().ExitCode);
        }
        string run = folder["runs", "tiny-SYNTHETIC-EMULATED"];
        // It depends on the moment whether the steps were all done by then; both ends are right.
        Run(folder, [TinyRun.Size], "train", "--resume", run, "--no-graph").Succeeds();
        CollectionAssert.AreEqual(Summary.WithoutTimes(folder["runs", "whole-SYNTHETIC-EMULATED"]), Summary.WithoutTimes(run));
    }

    [TestMethod]
    public void Autotune_is_refused_for_a_run_that_goes_on_and_on_the_processor()
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, "train", "--resume", TinyRun.Finished, "--autotune").Fails(2, "--autotune does not go with --resume", "keeps the algorithms of its checkpoint");
        RunnerProgram.Run(folder, TinyRun.Args("--device", "cpu", "--autotune")).Fails(2, "autotune is the cuda device's");
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static string[] Machine => [$"CUDNNRESNET_CUDA_PATH={Emulator.Folder}", $"CUDNNRESNET_CUDNN_PATH={Emulator.Folder}"];

    private static Outcome Run(TemporaryFolder folder, string[] settings, params string[] args)
    {
        using var program = RunnerProgram.Start(folder, args, [.. settings, .. Machine]);
        return program.Wait();
    }

    private static void AssertNoSpeed(Outcome outcome) => Assert.DoesNotMatchRegex(Speed(), outcome.Out);

    [GeneratedRegex(@"\d (images/s|img/s)")]
    private static partial Regex Speed();

    [GeneratedRegex(@"test error .*\)")]
    private static partial Regex TestError();
}
