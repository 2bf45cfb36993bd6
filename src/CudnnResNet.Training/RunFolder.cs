using System.Buffers;
using System.Text;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>The run folder cannot be made, written or resumed from; the message names it and says what to do.</summary>
public sealed class RunFolderException(string message, Exception? inner = null) : EngineException(message, inner);

/// <summary>
/// A run's folder and the names of its files. While it is open no other process can open it: the lock is the operating system's, so that
/// it goes with the process that held it.
/// </summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>What the name of every run on the synthetic data set holds.</summary>
    internal const string SyntheticMark = "SYNTHETIC";

    /// <summary>What the name of every run on an emulator holds.</summary>
    internal const string EmulatedMark = "EMULATED";

    internal const string ArgsName = "args.json", SummaryName = "summary.csv", LastWeightsName = "last.safetensors", CheckpointName = "last.state";

    // File systems allow 255 bytes; a number or a mark may be put behind it.
    private const int LongestName = 200;

    private const string LockName = "lock";
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\:*?\"<>|\0");
    private readonly FileStream held;

    private RunFolder(string path, FileStream held, FileOperations files)
    {
        Path = path;
        this.held = held;
        Files = files;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>What the run's files are written through. Lets a test stand in for a disk that is full, slow or without power.</summary>
    internal FileOperations Files { get; set; }

    /// <summary>The effective options, <c>args.json</c>.</summary>
    public string ArgsFile => File(ArgsName);

    /// <summary>One row for each epoch, <c>summary.csv</c>.</summary>
    public string SummaryFile => File(SummaryName);

    /// <summary>The weights after the last epoch, <c>last.safetensors</c>.</summary>
    public string LastWeightsFile => File(LastWeightsName);

    /// <summary>The weights after the epoch with the fewest errors, <c>best.safetensors</c>.</summary>
    public string BestWeightsFile => File("best.safetensors");

    /// <summary>Everything needed to go on, <c>last.state</c>.</summary>
    public string CheckpointFile => File(CheckpointName);

    /// <summary>What was reported, <c>run.log</c>.</summary>
    public string LogFile => File("run.log");

    /// <summary>The name of a run that was not given one: <c>resnet20-fast-seed1</c>, <c>resnet20-reshape-fast-seed1</c>, <c>resnet20-crop-five-fast-seed1</c>.</summary>
    public static string DefaultName(TrainOptions options, Recipe recipe) => $"{NetworkName(options)}-{recipe.ToString().ToLowerInvariant()}-seed{options.Seed}";

    /// <summary>Network, shortcut and crops, the usual ones left out: <c>resnet20</c>, <c>resnet20-reshape</c>, <c>resnet20-crop-five</c>.</summary>
    internal static string NetworkName(TrainOptions options)
    {
        string shortcut = options is { Arch: Architecture.ResNet, Shortcut: not ShortcutPadding.Trailing } ? $"-{WeightsMetadata.Text(options.Shortcut)}" : "";
        string crop = options.Crop == Crop.Random ? "" : $"-crop-{options.Crop.ToString().ToLowerInvariant()}";
        return $"{options.ToArchitecture().Name}{shortcut}{crop}";
    }

    /// <summary>Refuses names that are not those of a folder inside another.</summary>
    /// <exception cref="InvalidSettingException">Empty, a path, or with characters that files cannot have.</exception>
    public static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name is "." or ".." || name.AsSpan().ContainsAny(Forbidden) || name.Any(char.IsControl) || Encoding.UTF8.GetByteCount(name) > LongestName)
            throw new InvalidSettingException($"name {PrintableText.Quoted(name)} is not a folder's name; it may not be empty, longer than {LongestName} bytes, or hold / \\ : * ? \" < > | or control characters");
    }

    /// <summary>Makes a folder that did not exist: <paramref name="name"/>, else <c>name-2</c>, <c>name-3</c>, …</summary>
    /// <exception cref="RunFolderException">The output folder cannot be made or written.</exception>
    public static RunFolder Create(string output, string name) => Create(output, name, FileOperations.Default);

    /// <summary>The same on a given file system.</summary>
    internal static RunFolder Create(string output, string name, FileOperations files)
    {
        CheckName(name);
        for (int number = 1; ; number++)
        {
            string path = System.IO.Path.GetFullPath(System.IO.Path.Combine(output, number == 1 ? name : $"{name}-{number}"));
            string lockPath = System.IO.Path.Combine(path, LockName);
            try
            {
                if (System.IO.File.Exists(path) || Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()) continue;
                files.CreateFolder(path);
                // Of two processes that came here at once, one makes the lock file and the other takes the next number.
                return new(path, new FileStream(lockPath, FileMode.CreateNew, FileAccess.Write, FileShare.None), files);
            }
            catch (IOException) when (System.IO.File.Exists(lockPath))
            {
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new RunFolderException($"cannot write to {path}: {error.Message}; choose another folder with --output", error);
            }
        }
    }

    /// <summary>Opens the folder of an earlier run to go on with it.</summary>
    /// <param name="path">The folder, or a file in it.</param>
    /// <exception cref="RunFolderException">It is not a run's folder, or another process has it open.</exception>
    public static RunFolder Open(string path) => Open(path, FileOperations.Default);

    /// <summary>The same on a given file system.</summary>
    internal static RunFolder Open(string path, FileOperations files)
    {
        string folder = System.IO.Path.GetFullPath(path);
        if (System.IO.File.Exists(folder)) folder = System.IO.Path.GetDirectoryName(folder)!;
        if (!Directory.Exists(folder)) throw new RunFolderException($"{path} does not exist; --resume takes the folder of a run");
        if (!System.IO.File.Exists(System.IO.Path.Combine(folder, ArgsName))) throw new RunFolderException($"{folder} holds no {ArgsName}, so it is not the folder of a run");
        RequireNoLinks(folder);
        var opened = new RunFolder(System.IO.Path.TrimEndingDirectorySeparator(folder), Lock(folder), files);
        using var owned = new DisposeOnFailure();
        owned.Add(opened).Guard(opened.Sweep);
        owned.Release();
        return opened;
    }

    // A run's files are written to and appended to: a link among them, in a folder that comes from elsewhere, would lead that to another place.
    private static void RequireNoLinks(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            if (entry.LinkTarget is { } target) throw new RunFolderException($"{entry.FullName} is a link to {target}; a run that goes on writes to its own files only");
    }

    /// <summary>The run that <c>--resume</c> without a path means: the folder with the newest checkpoint, or null.</summary>
    public static string? Latest(string output) => !Directory.Exists(output) ? null : new DirectoryInfo(output).EnumerateDirectories()
        // A process that was killed while it saved may have left the previous checkpoint only.
        .SelectMany(folder => new[] { CheckpointName, Checkpoint.PreviousName }.Select(name => new FileInfo(System.IO.Path.Combine(folder.FullName, name))))
        .Where(file => file.Exists)
        .OrderByDescending(file => file.LastWriteTimeUtc)
        .ThenByDescending(file => file.FullName, StringComparer.Ordinal)
        .FirstOrDefault()?.DirectoryName;

    /// <summary>The options of the run, from <c>args.json</c>.</summary>
    /// <exception cref="RunFolderException">The file is missing or damaged.</exception>
    public TrainOptions ReadOptions() => ReadOptions(Path);

    /// <summary>The options of a run whose folder need not be open.</summary>
    /// <exception cref="RunFolderException">The file is missing or damaged.</exception>
    internal static TrainOptions ReadOptions(string folder)
    {
        string path = System.IO.Path.Combine(folder, ArgsName);
        try
        {
            return TrainOptions.FromJson(TextFile.Read(path, TextFile.LongestOptions));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidSettingException)
        {
            throw new RunFolderException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Adds a line to <c>run.log</c>, with the time.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public void Log(string line) => Guard(() => Files.Append(LogFile, Encoding.UTF8.GetBytes($"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ} {line}\n")));

    /// <summary>Releases the lock.</summary>
    public void Dispose() => held.Dispose();

    /// <summary>The run's files that exist now, the lock and the log left out.</summary>
    internal IReadOnlyList<string> WrittenFiles() =>
        [.. Replaced.Where(System.IO.File.Exists)];

    /// <summary>Writes <c>args.json</c>.</summary>
    internal void WriteOptions(TrainOptions options) => AtomicFile.Write(ArgsFile, stream => stream.Write(Encoding.UTF8.GetBytes(options.ToJson() + "\n")), files: Files);

    /// <summary>Does something with the folder's files and says which folder it was when the system refuses.</summary>
    internal void Guard(Action write) => Guard(() =>
    {
        write();
        return true;
    });

    /// <inheritdoc cref="Guard(Action)"/>
    internal T Guard<T>(Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string end = !Directory.Exists(Path) ? "; the folder was removed, moved or replaced while the run went on"
                : System.IO.File.Exists(CheckpointFile) ? "; the last checkpoint is whole, --resume goes on from it"
                : "";
            throw new RunFolderException($"{Path}: {error.Message}{end}", error);
        }
    }

    /// <summary>The files that are replaced as a whole, so that a killed process may have left them under their temporary names.</summary>
    private IEnumerable<string> Replaced => [BestWeightsFile, LastWeightsFile, SummaryFile, CheckpointFile, ArgsFile];

    private static FileStream Lock(string folder)
    {
        try
        {
            return new(System.IO.Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException error) when (FolderLock.IsHeldByAnother(error))
        {
            throw new RunFolderException($"{folder} is in use by another process", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"cannot write to {folder}: {error.Message}", error);
        }
    }

    private void Sweep()
    {
        foreach (string left in Replaced.Select(path => path + AtomicFile.TemporarySuffix).Where(System.IO.File.Exists)) Files.Delete(left);
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
