using System.Diagnostics;
using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;
using CudnnResNet.Native.Tests.Safe;

namespace CudnnResNet.Native.Tests;

/// <summary>The sample says what is missing, where something is.</summary>
[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void ConvolveOneImage_says_that_the_driver_is_missing_and_where_it_looked()
    {
        using var folder = new TemporaryFolder();
        string library = folder[OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1"];
        File.WriteAllText(library, "not a library");
        SkipWithRealOne(library);
        string error = FailsIn(folder);
        Assert.StartsWith($"cannot convolve on a GPU here: the NVIDIA driver cannot be loaded: {library}: ", error);
        Assert.Contains($"  tried {library} (CUDNNRESNET_CUDA_PATH): ", error);
    }

    [TestMethod]
    public void ConvolveOneImage_says_that_cuDNN_is_missing_and_where_it_looked()
    {
        using var folder = new TemporaryFolder();
        FakeGpu.Build(folder, NativeLibraryKind.Driver, NativeLibraryKind.Cublas);
        SkipWithRealOne("libcudnn.so.9");
        string error = FailsIn(folder);
        Assert.StartsWith("cannot convolve on a GPU here: cuDNN 9 was not found (libcudnn.so.9); install cuDNN 9", error);
        Assert.Contains($"  tried {folder["libcudnn.so.9"]} (CUDNNRESNET_CUDA_PATH): no such file", error);
        Assert.Contains("  tried libcudnn.so.9 (system search): ", error);
    }

    private static void SkipWithRealOne(string library)
    {
        if (NativeLibrary.TryLoad(Path.GetFileName(library), out _)) Assert.Inconclusive($"skipped: this machine has a real {Path.GetFileName(library)}");
    }

    /// <summary>Runs the sample, which exits with 3; what it writes to stderr.</summary>
    private static string FailsIn(TemporaryFolder folder)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "ConvolveOneImage.dll")]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["CUDNNRESNET_CUDA_PATH"] = folder.Path;
        start.Environment.Remove("CUDNNRESNET_CUDNN_PATH");
        using var process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(3, process.ExitCode, error);
        return error;
    }
}
