using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Tests.Loading;

/// <summary>What is said when a library is not found: one line, and every path on request.</summary>
[TestClass]
public sealed class LoadReportTests
{
    [TestMethod]
    public void Every_path_is_in_the_report_with_its_reason()
    {
        using var folders = new FakeFolders().With("a/other").With("b/libcuda.so.1").Set(SearchPaths.CudaVariable, "a", "b");
        LibraryLoader loader = folders.Loader();
        loader.Load(NativeLibraryKind.Driver);
        string report = loader.Report.ToString();
        Assert.Contains($"a/libcuda.so.1 ({SearchPaths.CudaVariable}): no such file", report);
        Assert.Contains($"b/libcuda.so.1 ({SearchPaths.CudaVariable}): loaded", report);
        Assert.HasCount(2, loader.Report.Attempts);
    }

    [TestMethod]
    public void A_missing_library_is_one_line_that_says_what_to_do()
    {
        using var folders = new FakeFolders();
        LibraryLoader loader = folders.Loader();
        var error = Assert.ThrowsExactly<NativeLibraryNotFoundException>(() => loader.Load(NativeLibraryKind.Cudnn));
        Assert.AreEqual(NativeLibraryKind.Cudnn, error.Library);
        foreach (string part in new[] { "cuDNN 9 was not found (libcudnn.so.9)", "pip install nvidia-cudnn-cu12", SearchPaths.CudnnVariable }) Assert.Contains(part, error.Message);
        Assert.DoesNotContain("\n", error.Message);
        Assert.Contains("libcudnn.so.9 (system search): cannot open shared object file", error.Report.ToString());
    }

    [TestMethod]
    public void A_file_that_is_there_but_no_library_is_named_with_what_the_system_says()
    {
        using var folders = new FakeFolders().With("libcuda.so.1").Set(SearchPaths.CudaVariable, "");
        var error = Assert.ThrowsExactly<NativeLibraryNotFoundException>(() => folders.Loader(OpenRooted).Load(NativeLibraryKind.Driver));
        Assert.Contains("the NVIDIA driver cannot be loaded: ", error.Message);
        Assert.Contains("libcuda.so.1: ", error.Message);
        Assert.DoesNotContain("\n", error.Message);
        if (OperatingSystem.IsLinux()) Assert.IsTrue(error.Message.Contains("file too short") || error.Message.Contains("invalid ELF header"), error.Message);
    }

    [TestMethod]
    [DataRow("libcudnn.so.8", NativeLibraryKind.Cudnn)]
    [DataRow("libcublas.so.11", NativeLibraryKind.Cublas)]
    public void An_older_version_is_named_as_too_old(string file, NativeLibraryKind kind)
    {
        using var folders = new FakeFolders().With($"old/{file}").Set(SearchPaths.CudaVariable, "old");
        var error = Assert.ThrowsExactly<NativeLibraryNotFoundException>(() => folders.Loader().Load(kind));
        Assert.Contains($"{file}, which is too old", error.Message);
    }

    [TestMethod]
    public void What_is_missing_beside_a_library_is_reported_and_no_error()
    {
        using var folders = new FakeFolders().With("libcublas.so.13").Set(SearchPaths.CudaVariable, "");
        LibraryLoader loader = folders.Loader();
        Assert.AreNotEqual(0, loader.TryLoad(NativeLibraryKind.Cublas));
        Assert.Contains("libcublasLt.so.13 (beside libcublas.so.13): no such file", loader.Report.ToString());
    }

    // On a machine with a driver the system's own search would find it.
    private static LibraryLoader.Opened OpenRooted(string path) => Path.IsPathRooted(path) ? LibraryLoader.OpenNative(path) : new(0, "not asked");
}
