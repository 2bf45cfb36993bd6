using System.Diagnostics;

namespace CudnnResNet.GpuCheck.Tests;

/// <summary>The check that a machine with a GPU will run, as a child process where there is none.</summary>
[TestClass]
public sealed class CheckTests
{
    [TestMethod]
    public void All_stages_pass_on_the_cpu_and_stand_in_the_report()
    {
        using var folder = new TemporaryFolder();
        var (code, text) = Run(folder, [], "--device", "cpu", "--minutes", "0.4", "--output", ".");
        Assert.AreEqual(0, code, text);
        string report = Report(folder, "cpu");
        Assert.StartsWith("# GPU check, exercised on the CPU: no GPU has run\n", report);
        Assert.HasCount(Stages.All.Count, report.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.HasCount(Stages.All.Count, report.Split('\n').Where(line => line.EndsWith(" s |", StringComparison.Ordinal) && line.Contains("| passed |", StringComparison.Ordinal)));
        Assert.MatchesRegex(@"\n[1-9]\d* of [1-9]\d* rows agree with Reference", report);
        Assert.Contains("- resnet8 Trailing: step 2: loss 1.4195", report);
        Assert.Contains("  - again: the same bytes\n", report);
        Assert.MatchesRegex(@"\n\| fp32 \| [1-9]\d* \| [\d.]+ \| [1-9]\d* \|\n", report);
        Assert.Contains("`ncu --launch-skip", report);
    }

    [TestMethod]
    public void Stages_that_fail_are_reported_and_the_rest_goes_on()
    {
        using var folder = new TemporaryFolder();
        // No machine has such a GPU, with or without a driver.
        var (code, text) = Run(folder, [], "--device", "cuda:77", "--minutes", "1", "--only", "machine,golden,determinism", "--output", ".");
        Assert.AreEqual(1, code, text);
        string report = Report(folder, "no-gpu");
        foreach (string title in new[] { "Machine", "Golden steps", "Determinism" })
        {
            Assert.Contains($"| {title} | **failed** |", report);
            Assert.Contains($"\n## {title}\n", report);
        }
        Assert.Contains("**DeviceUnavailableException**: ", report);
    }

    [TestMethod]
    [TestCategory("Long")]
    public void The_emulator_is_said_to_be_one_and_has_no_speed()
    {
        using var folder = new TemporaryFolder();
        var (_, text) = Run(folder, [("CUDNNRESNET_CUDA_PATH", Emulator.Folder), ("CUDNNRESNET_EMULATOR_CAPABILITY", "8.0")], "--device", "cuda", "--minutes", "3", "--output", ".");
        string report = Report(folder, "emulator");
        Assert.StartsWith("# GPU check on the EMULATOR: no GPU has run\n", report, text);
        Assert.DoesNotContain("**failed**", report, report);
        Assert.AreEqual(4, report.Split('\n').Count(line => line.EndsWith("| an emulator | has none |", StringComparison.Ordinal)));
        Assert.AreEqual(2, report.Split('\n').Count(line => line == "  - without graphs: the same bytes"));
    }

    [TestMethod]
    [DataRow("--device gpu", "device 'gpu'")]
    [DataRow("--device reference", "--device reference is not one of cuda, cuda:N, cpu")]
    [DataRow("--minutes 0", "--minutes 0 is not within 0.05..60")]
    [DataRow("--minutes", "--minutes needs a value")]
    [DataRow("--only speed,sped", "stage 'sped' is not one of machine, conformance, golden, determinism, speed, tools")]
    [DataRow("--fast", "unknown word --fast; usage: ")]
    [DataRow("stage", "stage needs a value")]
    [DataRow("steps --capture 3", "--capture 3 is not FIRST:LAST")]
    public void Words_that_cannot_be_run_are_refused(string words, string part)
    {
        using var folder = new TemporaryFolder();
        var (code, text) = Run(folder, [], words.Split(' '));
        Assert.AreEqual(2, code);
        Assert.StartsWith("error: ", text);
        Assert.Contains(part, text);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_process_that_hangs_is_ended_with_what_it_has_started()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: a POSIX shell");
        long begun = Stopwatch.GetTimestamp();
        var (code, text) = ChildProcess.Run(["sh"], ["-c", "echo out; echo err >&2; sleep 100; echo late"], 1);
        Assert.IsNull(code);
        CollectionAssert.AreEquivalent((string[])["out", "err"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.IsLessThan(50, Stopwatch.GetElapsedTime(begun).TotalSeconds);
        Assert.AreEqual(3, ChildProcess.Run(["sh"], ["-c", "exit 3"], 30).Code);
    }

    private static string Report(TemporaryFolder folder, string slug)
    {
        string file = folder.Files.Single();
        Assert.MatchesRegex($@"^\d\d\d\d-\d\d-\d\d-{slug}\.md$", file);
        return File.ReadAllText(folder[file]);
    }

    /// <summary>The exit code, and stdout with stderr.</summary>
    private static (int Code, string Text) Run(TemporaryFolder folder, (string Name, string Value)[] variables, params string[] args)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "CudnnResNet.GpuCheck.dll"), .. args])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("CUDNNRESNET_CUDA_PATH");
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd() + error.Result;
        process.WaitForExit();
        return (process.ExitCode, text);
    }
}
