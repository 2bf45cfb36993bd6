using System.Runtime.InteropServices;

namespace CudnnResNet.Native.Loading;

/// <summary>Answers the runtime's question where an import's library lies, once for each entry point at its first call.</summary>
internal static unsafe class ImportResolver
{
    private static readonly Lock Gate = new();
    private static bool registered;

    /// <summary>This process's loader.</summary>
    public static LibraryLoader Loader { get; } = new(
        new SearchPaths(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows(), OperatingSystem.IsWindows() ? [] : ["/usr/local/cuda", "/usr/local", "/usr"]),
        OperatingSystem.IsWindows(), DriverMajor, LibraryLoader.OpenNative);

    /// <summary>Makes the runtime ask us; every class of imports calls it before its first import.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (registered) return;
            NativeLibrary.SetDllImportResolver(typeof(ImportResolver).Assembly, (name, _, _) => LibraryNames.OfImport(name) is { } kind ? Loader.Load(kind) : 0);
            registered = true;
        }
    }

    /// <summary>Whether the library is there and exports this.</summary>
    public static bool Has(NativeLibraryKind kind, string entryPoint) =>
        Loader.TryLoad(kind) is var handle and not 0 && NativeLibrary.TryGetExport(handle, entryPoint, out _);

    // By hand and not through Sys.Driver: this runs while the runtime resolves an import.
    private static int DriverMajor()
    {
        nint driver = Loader.TryLoad(NativeLibraryKind.Driver);
        if (driver == 0 || !NativeLibrary.TryGetExport(driver, "cuDriverGetVersion", out nint address)) return 0;
        int version = 0;
        return ((delegate* unmanaged<int*, int>)address)(&version) == 0 ? version / 1000 : 0;
    }
}
