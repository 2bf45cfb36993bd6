using System.Runtime.InteropServices;

namespace CudnnResNet.Native.Loading;

/// <summary>
/// Finds each library once, from the first folder that has it, together with the files that belong to it, and remembers every path it
/// tried.
/// </summary>
/// <param name="search">Where to look.</param>
/// <param name="windows">Whose file names.</param>
/// <param name="cudaMajor">The driver's CUDA version, asked only when cuBLAS is to be chosen; 0 where it is unknown.</param>
/// <param name="open">Opens a file or a bare name.</param>
internal sealed class LibraryLoader(SearchPaths search, bool windows, Func<int> cudaMajor, Func<string, LibraryLoader.Opened> open)
{
    private const string SystemSearch = "system search";
    private const string NoSuchFile = "no such file";

    private readonly Dictionary<NativeLibraryKind, nint> handles = [];
    private readonly List<LoadAttempt> attempts = [];
    private readonly Lock gate = new();

    /// <summary>What came of opening a file: a handle, or what the system said.</summary>
    internal readonly record struct Opened(nint Handle, string? Problem);

    /// <summary>The paths tried so far.</summary>
    public LoadReport Report
    {
        get { lock (gate) return new([.. attempts]); }
    }

    /// <summary>The library's handle.</summary>
    /// <exception cref="NativeLibraryNotFoundException">No path has it.</exception>
    public nint Load(NativeLibraryKind kind) => TryLoad(kind) is var handle and not 0 ? handle : throw NotFound(kind);

    /// <summary>The library's handle, or 0.</summary>
    public nint TryLoad(NativeLibraryKind kind)
    {
        // cuDNN's parts need cuBLAS: with it in place they take the one that we would take.
        if (kind == NativeLibraryKind.Cudnn) TryLoad(NativeLibraryKind.Cublas);
        int major = kind == NativeLibraryKind.Cublas ? cudaMajor() : 0;
        lock (gate)
        {
            if (!handles.TryGetValue(kind, out nint handle)) handles[kind] = handle = Find(kind, LibraryNames.Files(kind, windows, major));
            return handle;
        }
    }

    private nint Find(NativeLibraryKind kind, string[] files)
    {
        if (FindIn(search.BeforeSystem(kind), kind, files) is var named and not 0) return named;
        foreach (string file in files)
        {
            if (Open(kind, file, SystemSearch) is var handle and not 0) return handle;
        }
        return FindIn(search.AfterSystem(kind), kind, files);
    }

    private nint FindIn(IEnumerable<SearchFolder> folders, NativeLibraryKind kind, string[] files)
    {
        foreach (SearchFolder folder in folders)
        {
            foreach (string file in files)
            {
                string path = Path.Combine(folder.Path, file);
                if (!File.Exists(path))
                {
                    attempts.Add(new(kind, path, folder.Reason, false, NoSuchFile));
                    continue;
                }
                foreach (string companion in LibraryNames.Companions(kind, file, windows)) OpenCompanion(kind, Path.Combine(folder.Path, companion), file);
                if (Open(kind, path, folder.Reason) is var handle and not 0) return handle;
            }
        }
        return 0;
    }

    private nint Open(NativeLibraryKind kind, string path, string reason, bool companion = false)
    {
        Opened opened = open(path);
        attempts.Add(new(kind, path, reason, opened.Handle != 0, opened.Problem) { IsCompanion = companion });
        return opened.Handle;
    }

    // What is missing here the library may still find by itself, or never need.
    private void OpenCompanion(NativeLibraryKind kind, string path, string owner)
    {
        string reason = $"beside {owner}";
        if (File.Exists(path)) Open(kind, path, reason, companion: true);
        else attempts.Add(new(kind, path, reason, false, NoSuchFile) { IsCompanion = true });
    }

    private NativeLibraryNotFoundException NotFound(NativeLibraryKind kind)
    {
        var (product, howToGet) = LibraryNames.Describe(kind);
        LoadReport report = Report;
        // A file that is there and cannot be loaded says more than twenty that are not there.
        LoadAttempt? refused = report.Of(kind).FirstOrDefault(attempt => attempt.Reason != SystemSearch && attempt.Problem != NoSuchFile && !attempt.Loaded);
        string? old = search.BeforeSystem(kind).Concat(search.AfterSystem(kind))
            .SelectMany(folder => LibraryNames.TooOld(kind, windows).Select(file => Path.Combine(folder.Path, file))).FirstOrDefault(File.Exists);
        string what = refused is { } file ? $"{product} cannot be loaded: {file.Path}: {file.Problem}"
            : old is not null ? $"{product} was not found, only {old}, which is too old"
            : $"{product} was not found ({string.Join(" or ", LibraryNames.Files(kind, windows, 0))})";
        return new(kind, what, howToGet, report);
    }

    /// <summary>Opens a library as the system does.</summary>
    internal static Opened OpenNative(string path)
    {
        try
        {
            return new(NativeLibrary.Load(path), null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return new(0, SystemMessage(error.Message, path));
        }
    }

    // The runtime's message surrounds the system's, a line each attempt: only the system's own line says why.
    private static string SystemMessage(string message, string path)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string line = lines.FirstOrDefault(line => line.StartsWith(path, StringComparison.Ordinal)) ?? lines.Last();
        return line.StartsWith(path + ": ", StringComparison.Ordinal) ? line[(path.Length + 2)..] : line;
    }
}
