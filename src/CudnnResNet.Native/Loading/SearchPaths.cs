namespace CudnnResNet.Native.Loading;

/// <summary>A folder to look in, and the reason: the variable that names it, or what lies there by habit.</summary>
internal sealed record SearchFolder(string Path, string Reason);

/// <summary>
/// Where the libraries are looked for: folders named by our two variables, then those of the CUDA toolkit's variables and of Python
/// environments, then the system's own search, then the usual places. The driver is not looked for in toolkits: they have a stub of it.
/// </summary>
/// <param name="variable">Reads the environment.</param>
/// <param name="windows">Whose folder names.</param>
/// <param name="usual">The usual places.</param>
internal sealed class SearchPaths(Func<string, string?> variable, bool windows, params string[] usual)
{
    /// <summary>Names folders with the driver's library, cuBLAS or a whole toolkit.</summary>
    public const string CudaVariable = "CUDNNRESNET_CUDA_PATH";

    /// <summary>Names folders with cuDNN.</summary>
    public const string CudnnVariable = "CUDNNRESNET_CUDNN_PATH";

    private static readonly string[] VariablesOfOthers = ["CUDNN_PATH", "CUDA_PATH", "CUDA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"];

    /// <summary>The folders to look in before the system's own search, those that exist, each once.</summary>
    public IEnumerable<SearchFolder> BeforeSystem(NativeLibraryKind kind) => Existing(kind switch
    {
        NativeLibraryKind.Driver => Named(CudaVariable),
        NativeLibraryKind.Cudnn => new[] { CudnnVariable, CudaVariable }.Concat(VariablesOfOthers).SelectMany(Named),
        _ => new[] { CudaVariable, CudnnVariable }.Concat(VariablesOfOthers).SelectMany(Named),
    });

    /// <summary>The folders to look in after it.</summary>
    public IEnumerable<SearchFolder> AfterSystem(NativeLibraryKind kind) =>
        kind == NativeLibraryKind.Driver ? [] : Existing(usual.SelectMany(Below).Select(path => new SearchFolder(path, "usual place")));

    private static IEnumerable<SearchFolder> Existing(IEnumerable<SearchFolder> folders) =>
        folders.Where(folder => Directory.Exists(folder.Path)).DistinctBy(folder => Path.GetFullPath(folder.Path));

    private IEnumerable<SearchFolder> Named(string name) =>
        (variable(name) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .SelectMany(Below).Select(path => new SearchFolder(path, name));

    // A variable may name the folder of the files, a toolkit, a Python environment, its site-packages, or the "nvidia" folder in there.
    private IEnumerable<string> Below(string root)
    {
        yield return root;
        foreach (string part in windows ? new[] { "bin/x64", "bin" } : ["lib64", "lib", "lib/x86_64-linux-gnu", "targets/x86_64-linux/lib"])
            yield return Path.Combine(root, part);
        foreach (string packages in SitePackages(root).Prepend(root))
        {
            foreach (string nvidia in new[] { Path.Combine(packages, "nvidia"), packages })
            {
                foreach (string wheel in new[] { "cudnn", "cu13", "cublas", "cuda_runtime", "nvtx" })
                {
                    foreach (string part in windows ? new[] { "bin/x86_64", "bin" } : ["lib"])
                        yield return Path.Combine(nvidia, wheel, part);
                }
            }
        }
    }

    private IEnumerable<string> SitePackages(string root)
    {
        if (windows) return [Path.Combine(root, "Lib", "site-packages")];
        string lib = Path.Combine(root, "lib");
        if (!Directory.Exists(lib)) return [];
        // Newest Python first; "python3" is where Debian puts its packages.
        return Directory.GetDirectories(lib, "python3*").OrderByDescending(MinorVersion)
            .SelectMany(python => new[] { Path.Combine(python, "site-packages"), Path.Combine(python, "dist-packages") });
    }

    private static int MinorVersion(string python) => int.TryParse(python.AsSpan(python.LastIndexOf('.') + 1), out int minor) ? minor : 0;
}
