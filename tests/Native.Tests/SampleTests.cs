using System.Diagnostics;

namespace CudnnResNet.Native.Tests;

/// <summary>The sample says what is missing, where something is.</summary>
[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void ConvolveOneImage_says_what_is_missing_and_where_it_looked()
    {
        using var folder = new TemporaryFolder();
        string library = folder[OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1"];
        File.WriteAllText(library, "not a library");
        if (System.Runtime.InteropServices.NativeLibrary.TryLoad(Path.GetFileName(library), out _)) Assert.Inconclusive("skipped: this machine has a driver");
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "ConvolveOneImage.dll")]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["CUDNNRESNET_CUDA_PATH"] = folder.Path;
        using var process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(3, process.ExitCode, error);
        Assert.StartsWith($"cannot convolve on a GPU here: the NVIDIA driver cannot be loaded: {library}: ", error);
        Assert.Contains($"  tried {library} (CUDNNRESNET_CUDA_PATH): ", error);
    }
}
