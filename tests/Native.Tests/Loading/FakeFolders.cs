using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Tests.Loading;

/// <summary>Folders with empty files under the libraries' names, and a loader that "opens" every file it finds there.</summary>
internal sealed class FakeFolders : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly Dictionary<string, string> variables = [];

    /// <summary>Paths that were opened, in order, relative to the root.</summary>
    public List<string> Opened { get; } = [];

    public bool Windows { get; init; }

    /// <summary>The driver's CUDA version.</summary>
    public int CudaMajor { get; init; } = 13;

    /// <summary>Makes a file.</summary>
    public FakeFolders With(string path)
    {
        string full = root[path.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "not a library");
        return this;
    }

    /// <summary>Sets a variable of the environment to folders below the root.</summary>
    public FakeFolders Set(string variable, params string[] folders)
    {
        variables[variable] = string.Join(Path.PathSeparator, folders.Select(folder => root[folder.Split('/')]));
        return this;
    }

    /// <summary>A loader that knows these folders only, opening what exists.</summary>
    public LibraryLoader Loader(Func<string, LibraryLoader.Opened>? open = null) => new(
        new SearchPaths(variables.GetValueOrDefault, Windows), Windows, () => CudaMajor,
        path =>
        {
            if (Path.IsPathRooted(path) && path.StartsWith(root.Path, StringComparison.Ordinal)) Opened.Add(Path.GetRelativePath(root.Path, path));
            return open is not null ? open(path) : File.Exists(path) ? new(1, null) : new(0, "cannot open shared object file");
        });

    public void Dispose() => root.Dispose();
}
