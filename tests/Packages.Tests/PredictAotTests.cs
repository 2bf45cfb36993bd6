using System.Reflection;
using System.Runtime.InteropServices;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Packages.Tests;

/// <summary>The sample that classifies as one native program.</summary>
[TestClass]
public sealed class PredictAotTests
{
    private static readonly string PackageRoot = typeof(PredictAotTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PackageRoot").Value!;

    [TestMethod]
    [TestCategory("Long")]
    public void It_is_published_without_a_warning_and_classifies_as_the_just_in_time_compiler_does()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != System.Runtime.InteropServices.Architecture.X64) Assert.Inconclusive("skipped: tried on Linux, x64, only");
        if (!Directory.Exists(Path.Combine(PackageRoot, "runtime.linux-x64.microsoft.dotnet.ilcompiler"))) Assert.Inconclusive("skipped: the package of the ahead-of-time compiler is not here");
        if (!OnPath("clang") && !OnPath("gcc")) Assert.Inconclusive("skipped: there is no linker (clang or gcc)");
        if (!System.Runtime.Intrinsics.X86.Avx2.IsSupported) Assert.Inconclusive("skipped: the sample is published for AVX2, which this processor does not have");

        using var folder = new TemporaryFolder();
        ChildProcess.Succeeds(ChildProcess.Dotnet, ["publish", Repository.At("samples", "PredictAot"), "--nologo", "-v", "quiet", "-warnaserror", "-o", folder["out"], $"-p:ArtifactsPath={folder["build"]}"], folder.Path);

        // Random weights, and 20 images of the synthetic set in CIFAR-10's form.
        using var network = new ResNet(new(CudnnResNet.Model.Architecture.ResNet, 8), new() { Device = new() { Kind = DeviceKind.Cpu }, BatchSize = 20 });
        WeightsFile.Save(folder["w.safetensors"], network.Architecture, network.Options.Normalization, network.State());
        var images = Synthetic.Create(20, 20).Test;
        File.WriteAllBytes(folder["images.bin"], [.. Enumerable.Range(0, images.Count).SelectMany(i => images.Image(i).ToArray().Prepend(images.Labels[i]))]);

        string[] lines = ChildProcess.Succeeds(folder["out", "PredictAot"], [folder["w.safetensors"], folder["images.bin"]], folder.Path).Split('\n');
        using var predictor = Predictor.Load(folder["w.safetensors"], new() { Device = new() { Kind = DeviceKind.Cpu, CpuIsa = "avx2" } });
        var expected = predictor.Classify(images.Pixels);
        int wrong = expected.Where((prediction, i) => prediction.Best.Class != images.Labels[i]).Count();
        Assert.Contains("AVX2 with FMA", lines[0]);
        Assert.AreEqual(FormattableString.Invariant($"the first image is {expected[0].Best.Name}, {expected[0].Best.Probability:P1} sure"), lines[1]);
        Assert.AreEqual($"{wrong} of 20 wrong", lines[2]);

        var (exitCode, error) = ChildProcess.Run(folder["out", "PredictAot"], [folder["images.bin"], folder["images.bin"]], folder.Path);
        Assert.AreEqual(1, exitCode);
        Assert.StartsWith($"error: {folder["images.bin"]}", error);
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));
}
