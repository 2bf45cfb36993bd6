namespace CudnnResNet.Native.Loading;

/// <summary>What the libraries' files are called, newest first, and what comes with each in the same folder.</summary>
internal static class LibraryNames
{
    // cuDNN 9 itself opens these by name, wherever the system finds them. Opened beforehand from the shim's own folder they are the ones
    // it gets, and versions cannot be mixed. In the order of their dependence; "adv" (attention, RNN) is not used here.
    private static readonly string[] CudnnParts = ["graph", "ops", "cnn", "engines_runtime_compiled", "engines_precompiled", "heuristic"];

    /// <summary>The name in <c>[LibraryImport]</c>.</summary>
    public static string Import(NativeLibraryKind kind) => kind switch
    {
        NativeLibraryKind.Driver => Sys.Driver.Library,
        NativeLibraryKind.Cudnn => Sys.Cudnn.Library,
        NativeLibraryKind.Cublas => Sys.Cublas.Library,
        _ => Sys.Nvtx.Library,
    };

    /// <summary>The library of an import, or null where it is none of ours.</summary>
    public static NativeLibraryKind? OfImport(string name)
    {
        foreach (NativeLibraryKind kind in Enum.GetValues<NativeLibraryKind>())
        {
            if (Import(kind) == name) return kind;
        }
        return null;
    }

    /// <summary>File names to try, in this order.</summary>
    /// <param name="cudaMajor">The driver's CUDA version: a library of a newer one would load and then refuse to work.</param>
    public static string[] Files(NativeLibraryKind kind, bool windows, int cudaMajor) => (kind, windows) switch
    {
        (NativeLibraryKind.Driver, false) => ["libcuda.so.1"],
        (NativeLibraryKind.Driver, true) => ["nvcuda.dll"],
        (NativeLibraryKind.Cudnn, false) => ["libcudnn.so.9"],
        (NativeLibraryKind.Cudnn, true) => ["cudnn64_9.dll"],
        (NativeLibraryKind.Cublas, false) => cudaMajor == 12 ? ["libcublas.so.12", "libcublas.so.13"] : ["libcublas.so.13", "libcublas.so.12"],
        (NativeLibraryKind.Cublas, true) => cudaMajor == 12 ? ["cublas64_12.dll", "cublas64_13.dll"] : ["cublas64_13.dll", "cublas64_12.dll"],
        (_, false) => ["libnvToolsExt.so.1"],
        (_, true) => ["nvToolsExt64_1.dll"],
    };

    /// <summary>Files to open before this one, from its folder.</summary>
    public static IEnumerable<string> Companions(NativeLibraryKind kind, string file, bool windows) => kind switch
    {
        NativeLibraryKind.Cudnn => CudnnParts.Select(part => windows ? $"cudnn_{part}64_9.dll" : $"libcudnn_{part}.so.9"),
        NativeLibraryKind.Cublas => [file.Replace("cublas", "cublasLt", StringComparison.Ordinal)],
        _ => [],
    };

    /// <summary>Older versions, looked for only to say that they are too old.</summary>
    public static string[] TooOld(NativeLibraryKind kind, bool windows) => (kind, windows) switch
    {
        (NativeLibraryKind.Cudnn, false) => ["libcudnn.so.8", "libcudnn.so.7"],
        (NativeLibraryKind.Cudnn, true) => ["cudnn64_8.dll", "cudnn64_7.dll"],
        (NativeLibraryKind.Cublas, false) => ["libcublas.so.11", "libcublas.so.10"],
        (NativeLibraryKind.Cublas, true) => ["cublas64_11.dll", "cublas64_10.dll"],
        _ => [],
    };

    /// <summary>What people call it, and how it is got.</summary>
    public static (string Product, string HowToGet) Describe(NativeLibraryKind kind) => kind switch
    {
        NativeLibraryKind.Driver => ("the NVIDIA driver", "it comes with the display driver (525 or later), not with a toolkit"),
        NativeLibraryKind.Cudnn => ("cuDNN 9", $"install cuDNN 9 for the CUDA version of the driver (for example pip install nvidia-cudnn-cu12) and set {SearchPaths.CudnnVariable} to its folder"),
        NativeLibraryKind.Cublas => ("cuBLAS of CUDA 12 or 13", $"install the CUDA toolkit's libraries (for example pip install nvidia-cublas-cu12) and set {SearchPaths.CudaVariable} to their folder"),
        _ => ("NVTX", "nothing is needed without a profiler"),
    };
}
