using System.Diagnostics;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>What a program that knows nothing of the emulator is given by its environment, and what it leaves behind.</summary>
[TestClass]
public sealed class ProcessTests
{
    private const string Early = "CUDNNRESNET_EMULATOR_ORDER=early";

    [TestMethod]
    [DataRow("0 of 1, 4294967296 bytes, 7.0, late")]
    [DataRow("0 of 1, 4294967296 bytes, 7.0, early", Early)]
    [DataRow("1 of 2, 1000000 bytes, 7.0, late", "CUDNNRESNET_EMULATOR_MEMORY=1000000", "CUDNNRESNET_EMULATOR_DEVICES=2")]
    [DataRow("0 of 1, 4294967296 bytes, 8.6, late", "CUDNNRESNET_EMULATOR_CAPABILITY=8.6")]
    [DataRow("0 of 1, 4294967296 bytes, 7.0, late", "CUDNNRESNET_EMULATOR_DEVICES=3", "CUDA_VISIBLE_DEVICES=2,7,1")]
    public void The_environment_chooses(string line, params string[] environment)
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual((0, line), Run(folder, environment));
    }

    [TestMethod]
    [DataRow("CUDA_ERROR_INVALID_VALUE", "CUDNNRESNET_EMULATOR_ORDER=sideways: allowed is early or late", "CUDNNRESNET_EMULATOR_ORDER=sideways")]
    [DataRow("CUDA_ERROR_INVALID_VALUE", "CUDNNRESNET_EMULATOR_MEMORY=much: allowed is bytes, 1 or more", "CUDNNRESNET_EMULATOR_MEMORY=much")]
    [DataRow("CUDA_ERROR_INVALID_VALUE", "CUDNNRESNET_EMULATOR_CAPABILITY=new: allowed is a compute capability from 7.0 to 9.9", "CUDNNRESNET_EMULATOR_CAPABILITY=new")]
    [DataRow("CUDA_ERROR_INVALID_VALUE", "CUDNNRESNET_EMULATOR_UNSUPPORTED=cudnnAddTensor@0: allowed is C names", "CUDNNRESNET_EMULATOR_UNSUPPORTED=cudnnAddTensor@0")]
    [DataRow("CUDA_ERROR_INVALID_VALUE", "CUDNNRESNET_EMULATOR_FAIL_CALL=never: allowed is the number of a call, 1 or more", "CUDNNRESNET_EMULATOR_FAIL_CALL=never")]
    [DataRow("CUDA_ERROR_LAUNCH_FAILED", "cuInit was made to fail", "CUDNNRESNET_EMULATOR_FAIL_CALL=1")]
    [DataRow("CUDNN_STATUS_NOT_SUPPORTED", "cudnnSetStream was made to answer so", "CUDNNRESNET_EMULATOR_UNSUPPORTED=cudnnAddTensor, cudnnSetStream@1")]
    [DataRow("CUDA_ERROR_NO_DEVICE", "no CUDA-capable device", "CUDA_VISIBLE_DEVICES=")]
    public void What_cannot_be_is_said(string status, string words, params string[] environment)
    {
        using var folder = new TemporaryFolder();
        var (code, line) = Run(folder, environment);
        Assert.AreEqual(1, code);
        Assert.Contains(status, line);
        Assert.Contains(words, line);
    }

    [TestMethod]
    public void Mistakes_and_leaks_are_reported_at_the_end()
    {
        using var folder = new TemporaryFolder();
        Run(folder, Early);
        string[] report = File.ReadAllLines(folder["report.txt"]);
        Assert.HasCount(5, report, string.Join(Environment.NewLine, report));
        Assert.Contains("mistake: cuMemFree_v2: free of what is no allocation: 0x1", report[0]);
        Assert.Contains("leak: context", report[1]);
        Assert.Contains("leak: allocation", report[2]);
        Assert.Contains("(4000 bytes at", report[2]);
        Assert.Contains("leak: stream", report[3]);
        Assert.AreEqual("counted by the emulator: 0 kernels, 0 library operations, 0 lane instructions, 0 graph launches, 0 bytes up, 0 bytes down, 1 allocations, 0 pinned, 0 synchronisations", report[4]);
    }

    [TestMethod]
    public void A_handle_of_another_device_is_caught()
    {
        using var folder = new TemporaryFolder();
        Run(folder, "CUDNNRESNET_EMULATOR_DEVICES=2");
        Assert.Contains(line => line.StartsWith("mistake: cudnnSetStream: cuDNN handle 0x", StringComparison.Ordinal) && line.EndsWith("belongs to another context", StringComparison.Ordinal), File.ReadAllLines(folder["report.txt"]));
    }

    private static (int Code, string Line) Run(TemporaryFolder folder, params string[] environment)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ChildProgram).Assembly.Location]) { RedirectStandardOutput = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("CUDNNRESNET_", StringComparison.Ordinal) || name.StartsWith("CUDA_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["CUDNNRESNET_CUDA_PATH"] = Emulator.Folder;
        start.Environment["CUDNNRESNET_EMULATOR_REPORT"] = folder["report.txt"];
        foreach (string[] variable in environment.Select(setting => setting.Split('=', 2))) start.Environment[variable[0]] = variable[1];
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }
}
