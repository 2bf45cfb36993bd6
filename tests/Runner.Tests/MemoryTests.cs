using System.Globalization;
using System.Text.RegularExpressions;

namespace CudnnResNet.Runner.Tests;

/// <summary>Batches that the memory has no room for: one line that says which would fit, exit code 3, and nothing is left behind.</summary>
[TestClass]
public sealed partial class MemoryTests
{
    [TestMethod]
    public void On_the_processor()
    {
        using var folder = new TemporaryFolder();
        // 400 MB: what a container or a small machine would leave to the process.
        string[] settings = ["DOTNET_GCHeapHardLimit=0x17D78400"];
        int fitting = Refused(folder, "cpu", 4096, settings, "not enough memory: batches of 4096 need ", " of the 400.0 MB that this process may have are free");
        Assert.IsTrue(fitting is > 0 and < 4096);
        using var program = RunnerProgram.Start(folder, Args("cpu", fitting), [TinyRun.Size, .. settings]);
        program.Wait().Succeeds();
    }

    [TestMethod]
    public void On_the_emulated_GPU()
    {
        using var folder = new TemporaryFolder();
        string[] settings = [$"CUDNNRESNET_CUDA_PATH={Emulator.Folder}", "CUDNNRESNET_EMULATOR_MEMORY=48000000"];
        int fitting = Refused(folder, "cuda", 64, settings, "not enough memory on CudnnResNet emulator (not hardware): batches of 64 need ", "MB are free");
        Assert.IsTrue(fitting is > 0 and < 64);
    }

    private static int Refused(TemporaryFolder folder, string device, int batch, string[] settings, params string[] parts)
    {
        using var program = RunnerProgram.Start(folder, Args(device, batch), [TinyRun.Size, .. settings]);
        var outcome = program.Wait();
        outcome.Fails(3, parts);
        Assert.IsFalse(Directory.Exists(folder["runs"]), "no run has begun");
        return int.Parse(Fitting().Match(outcome.Error).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static string[] Args(string device, int batch) =>
        ["train", "--dataset", "synthetic", "--depth", "8", "--recipe", "demo", "--iterations", "1", "--device", device, "--batch-size", batch.ToString(CultureInfo.InvariantCulture), "--threads", "2"];

    [GeneratedRegex(@"; batches of (\d+) would fit\n$")]
    private static partial Regex Fitting();
}
