using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Tests.Loading;

/// <summary>The libraries are found wherever people have them.</summary>
[TestClass]
public sealed class SearchTests
{
    [TestMethod]
    [DataRow("", "libcudnn.so.9", DisplayName = "the folder itself")]
    [DataRow("", "lib/libcudnn.so.9", DisplayName = "an installation with lib")]
    [DataRow("", "lib64/libcudnn.so.9", DisplayName = "a toolkit")]
    [DataRow("", "nvidia/cudnn/lib/libcudnn.so.9", DisplayName = "Python's site-packages")]
    [DataRow("site-packages/nvidia", "site-packages/nvidia/cudnn/lib/libcudnn.so.9", DisplayName = "the nvidia folder in it")]
    [DataRow("", "lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9", DisplayName = "a Python environment")]
    [DataRow("", "lib/python3/dist-packages/nvidia/cudnn/lib/libcudnn.so.9", DisplayName = "Debian's Python")]
    public void CudnnPath_may_name(string folder, string file)
    {
        using var folders = new FakeFolders().With(file).Set(SearchPaths.CudnnVariable, folder);
        Assert.AreNotEqual(0, folders.Loader().TryLoad(NativeLibraryKind.Cudnn));
        CollectionAssert.AreEqual(new[] { file }, folders.Opened);
    }

    [TestMethod]
    [DataRow("nvidia/cublas/lib/libcublas.so.12", DisplayName = "CUDA 12 in site-packages")]
    [DataRow("nvidia/cu13/lib/libcublas.so.13", DisplayName = "CUDA 13 in site-packages")]
    [DataRow("lib64/libcublas.so.12", DisplayName = "a toolkit")]
    [DataRow("targets/x86_64-linux/lib/libcublas.so.13", DisplayName = "a toolkit of NVIDIA's packages")]
    public void CudaPath_may_name(string file)
    {
        using var folders = new FakeFolders().With(file).Set(SearchPaths.CudaVariable, "");
        Assert.AreNotEqual(0, folders.Loader().TryLoad(NativeLibraryKind.Cublas));
        CollectionAssert.AreEqual(new[] { file }, folders.Opened);
    }

    [TestMethod]
    [DataRow(NativeLibraryKind.Cudnn, "bin/cudnn64_9.dll")]
    [DataRow(NativeLibraryKind.Cublas, "bin/x64/cublas64_13.dll")]
    [DataRow(NativeLibraryKind.Cublas, "nvidia/cublas/bin/cublas64_12.dll")]
    [DataRow(NativeLibraryKind.Driver, "nvcuda.dll")]
    public void Windows_has_other_names(NativeLibraryKind kind, string file)
    {
        using var folders = new FakeFolders { Windows = true }.With(file).Set(SearchPaths.CudaVariable, "");
        Assert.AreNotEqual(0, folders.Loader().TryLoad(kind));
        CollectionAssert.AreEqual(new[] { file }, folders.Opened);
    }

    [TestMethod]
    public void One_folder_may_have_all_of_them()
    {
        // The emulator of the tests is such a folder.
        using var folders = new FakeFolders().With("libcuda.so.1").With("libcudnn.so.9").With("libcublas.so.12").Set(SearchPaths.CudaVariable, "");
        LibraryLoader loader = folders.Loader();
        foreach (NativeLibraryKind kind in new[] { NativeLibraryKind.Driver, NativeLibraryKind.Cudnn, NativeLibraryKind.Cublas }) Assert.AreNotEqual(0, loader.TryLoad(kind), $"{kind}");
    }

    [TestMethod]
    public void Our_variables_come_before_those_of_others_and_several_folders_in_their_order()
    {
        using var folders = new FakeFolders().With("toolkit/libcudnn.so.9").With("second/libcudnn.so.9").With("first/other")
            .Set("CUDA_PATH", "toolkit").Set(SearchPaths.CudnnVariable, "first", "second");
        folders.Loader().TryLoad(NativeLibraryKind.Cudnn);
        CollectionAssert.AreEqual(new[] { "second/libcudnn.so.9" }, folders.Opened);
    }

    [TestMethod]
    public void The_driver_is_not_looked_for_in_toolkits()
    {
        // A toolkit has a stub of libcuda that loads and does nothing.
        using var folders = new FakeFolders().With("toolkit/lib64/libcuda.so.1").Set("CUDA_PATH", "toolkit").Set("CUDA_HOME", "toolkit");
        Assert.AreEqual(0, folders.Loader().TryLoad(NativeLibraryKind.Driver));
        Assert.IsEmpty(folders.Opened);
    }

    [TestMethod]
    [DataRow(12, "libcublas.so.12")]
    [DataRow(13, "libcublas.so.13")]
    [DataRow(14, "libcublas.so.13", DisplayName = "a driver that is newer than we know")]
    [DataRow(0, "libcublas.so.13", DisplayName = "no driver")]
    public void CuBLAS_is_chosen_by_the_driver(int major, string file)
    {
        using var folders = new FakeFolders { CudaMajor = major }.With("libcublas.so.12").With("libcublas.so.13").Set(SearchPaths.CudaVariable, "");
        folders.Loader().TryLoad(NativeLibraryKind.Cublas);
        CollectionAssert.AreEqual(new[] { file }, folders.Opened);
    }

    [TestMethod]
    public void CuDNNs_parts_are_opened_before_it_from_its_own_folder()
    {
        using var folders = new FakeFolders().With("cudnn/libcudnn.so.9").With("cudnn/libcudnn_ops.so.9").With("cudnn/libcudnn_graph.so.9").With("cudnn/libcudnn_cnn.so.9")
            .With("other/libcudnn_graph.so.9").With("other/libcublas.so.12").With("other/libcublasLt.so.12")
            .Set(SearchPaths.CudnnVariable, "cudnn").Set(SearchPaths.CudaVariable, "other");
        folders.Loader().TryLoad(NativeLibraryKind.Cudnn);
        CollectionAssert.AreEqual(
            new[] { "other/libcublasLt.so.12", "other/libcublas.so.12", "cudnn/libcudnn_graph.so.9", "cudnn/libcudnn_ops.so.9", "cudnn/libcudnn_cnn.so.9", "cudnn/libcudnn.so.9" },
            folders.Opened);
    }

    [TestMethod]
    public void Python_packages_of_CUDA_13_are_found_by_either_variable()
    {
        foreach (string variable in new[] { SearchPaths.CudnnVariable, SearchPaths.CudaVariable })
        {
            using var folders = new FakeFolders().With("site-packages/nvidia/cudnn/lib/libcudnn.so.9").With("site-packages/nvidia/cudnn/lib/libcudnn_graph.so.9")
                .With("site-packages/nvidia/cu13/lib/libcublas.so.13").With("site-packages/nvidia/cu13/lib/libcublasLt.so.13").Set(variable, "site-packages");
            Assert.AreNotEqual(0, folders.Loader().TryLoad(NativeLibraryKind.Cudnn));
            CollectionAssert.AreEqual(
                new[] { "cu13/lib/libcublasLt.so.13", "cu13/lib/libcublas.so.13", "cudnn/lib/libcudnn_graph.so.9", "cudnn/lib/libcudnn.so.9" },
                folders.Opened.Select(path => path["site-packages/nvidia/".Length..]).ToArray(), variable);
        }
    }

    [TestMethod]
    public void Each_library_is_opened_once()
    {
        using var folders = new FakeFolders().With("libcuda.so.1").Set(SearchPaths.CudaVariable, "");
        LibraryLoader loader = folders.Loader();
        nint first = loader.Load(NativeLibraryKind.Driver);
        Assert.AreEqual(first, loader.Load(NativeLibraryKind.Driver));
        Assert.HasCount(1, folders.Opened);
    }
}
