using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Tests.Safe;

/// <summary>
/// The libraries of fake_gpu.c in the place of NVIDIA's, for the rest of this process: each is loaded once. Where a call fails, and what is
/// left alive, is asked of them here.
/// </summary>
internal static unsafe class FakeGpu
{
    private static readonly (NativeLibraryKind Kind, string File, string Macro)[] Libraries =
        [(NativeLibraryKind.Driver, "libcuda.so.1", "DRIVER"), (NativeLibraryKind.Cublas, "libcublas.so.12", "CUBLAS"), (NativeLibraryKind.Cudnn, "libcudnn.so.9", "CUDNN")];

    private static readonly Lazy<nint[]> Handles = new(Load);

    /// <summary>Things of all three libraries that are not destroyed yet.</summary>
    public static int Live => Handles.Value.Sum(library => ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "fake_live"))());

    /// <summary>Lets all calls succeed; the test is skipped where the libraries cannot be built.</summary>
    public static void AllSucceed() => Fail("", 0);

    /// <summary>Lets every call of one function fail.</summary>
    public static void Fail(string function, int status)
    {
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(function);
        foreach (nint library in Handles.Value) ((delegate* unmanaged<byte*, int, void>)NativeLibrary.GetExport(library, "fake_fail"))(name, status);
        Marshal.FreeCoTaskMem((nint)name);
    }

    /// <summary>Builds the libraries into a folder, all or some.</summary>
    public static void Build(TemporaryFolder folder, params NativeLibraryKind[] kinds)
    {
        foreach (var (kind, file, macro) in Libraries)
        {
            if (kinds.Contains(kind)) CCompiler.Build(Path.Combine(AppContext.BaseDirectory, "Safe", "fake_gpu.c"), folder[file], macro);
        }
    }

    private static nint[] Load()
    {
        // Linux keeps what is loaded although its file is gone.
        using var folder = new TemporaryFolder();
        Build(folder, [.. Libraries.Select(library => library.Kind)]);
        Environment.SetEnvironmentVariable(SearchPaths.CudaVariable, folder.Path);
        Environment.SetEnvironmentVariable(SearchPaths.CudnnVariable, folder.Path);
        nint[] handles = [.. Libraries.Select(library => ImportResolver.Loader.Load(library.Kind))];
        Environment.SetEnvironmentVariable(SearchPaths.CudaVariable, null);
        Environment.SetEnvironmentVariable(SearchPaths.CudnnVariable, null);
        return handles;
    }
}
