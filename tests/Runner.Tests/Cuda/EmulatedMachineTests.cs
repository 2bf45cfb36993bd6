namespace CudnnResNet.Runner.Tests.Cuda;

/// <summary>The whole program on the emulated GPU.</summary>
[TestClass]
public sealed class EmulatedMachineTests
{
    [TestMethod]
    public void Compares_every_layer_on_cuda_with_the_reference()
    {
        using var folder = new TemporaryFolder();
        Outcome compare = Run(folder, ["compare", "--device", "cuda", "--depth", "8", "--batch", "2"]).Succeeds();
        Assert.Contains("device    cuda:0 CudnnResNet emulator (not hardware)", compare.Out);
        foreach (string layer in (string[])["conv1", "layer1.0.conv1", "layer2.0.conv2", "layer3.0.conv2", "fc"]) Assert.Contains(layer, compare.Out);
        Assert.IsEmpty(Mistakes(folder), string.Join('\n', Mistakes(folder)));
    }

    [TestMethod]
    public void Doctor_and_auto_say_that_an_emulator_is_none_of_hardware()
    {
        using var folder = new TemporaryFolder();
        Outcome doctor = Run(folder, ["doctor"]).Succeeds();
        Assert.Contains("cuda      cuda:0 is an emulator, which is used only where --device cuda asks for it\n", doctor.Out);
        Assert.Contains("gpu 0     cuda:0 CudnnResNet emulator (not hardware), compute capability 7.0", doctor.Out);
        Assert.Contains("READY (cpu only)", doctor.Out);
        Outcome compare = Run(folder, ["compare", "--depth", "8", "--batch", "1"]).Succeeds();
        Assert.Contains("device    cpu, ", compare.Out);
        Assert.Contains("(no usable CUDA: cuda:0 is an emulator, which is used only where --device cuda asks for it)", compare.Out);
    }

    [TestMethod]
    public void Refuses_tf32_where_there_is_none()
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, "compare", "--device", "cpu", "--precision", "tf32").Fails(2, "precision tf32 is the cuda device's; the cpu device has fp32 only");
        RunnerProgram.Run(folder, "bench", "--device", "cpu", "--precision", "fp16").Fails(2, "--precision", "fp16", "fp32, tf32");
        Run(folder, ["bench", "--device", "cuda", "--precision", "tf32"]).Fails(3, "precision tf32 needs a GPU of compute capability 8.0 or later");
    }

    [TestMethod]
    public void Says_in_one_line_that_a_batch_does_not_fit()
    {
        using var folder = new TemporaryFolder();
        Run(folder, ["bench", "--device", "cuda", "--depth", "8", "--batch-size", "256"], "CUDNNRESNET_EMULATOR_MEMORY=100000000").Fails(
            3, "not enough memory on CudnnResNet emulator (not hardware): batches of 256 need ", " MB are free; batches of ", " would fit");
    }

    private static Outcome Run(TemporaryFolder folder, string[] args, params string[] settings)
    {
        using var program = RunnerProgram.Start(folder, args, [$"CUDNNRESNET_CUDA_PATH={Emulator.Folder}", $"CUDNNRESNET_EMULATOR_REPORT={folder["emulator.txt"]}", .. settings]);
        return program.Wait();
    }

    private static string[] Mistakes(TemporaryFolder folder) =>
        [.. File.ReadAllLines(folder["emulator.txt"]).Where(line => line.StartsWith("mistake: ", StringComparison.Ordinal) || line.StartsWith("leak: ", StringComparison.Ordinal))];
}
