using System.Diagnostics;

namespace CudnnResNet.Fuzz;

/// <summary>A copy of this program in a process of its own, which may die.</summary>
internal static class ChildProcess
{
    /// <summary>The largest heap, in bytes, hexadecimal: 1.5 GB. A reader that asks for more gets an OutOfMemoryException, and not the whole machine.</summary>
    private const string HeapLimit = "60000000";

    /// <summary>Bytes up to which an array is born young, and bytes of young objects between collections: 8 MB and 64 MB. Otherwise each file of a network would cost a full collection.</summary>
    private const string LargeObject = "800000", YoungObjects = "4000000";

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="program">A copy's CudnnResNet.Fuzz.dll.</param>
    /// <param name="words">The command line.</param>
    /// <returns>The exit code, and what it wrote to stderr.</returns>
    public static (int Code, string Errors) Run(string program, params string[] words)
    {
        // A process that dies removes nothing.
        using var folder = new FolderInMemory();
        string dotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        using var process = new Process();
        process.StartInfo = new(dotnet, ["exec", program, .. words]) { RedirectStandardError = true, RedirectStandardOutput = true };
        process.StartInfo.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        process.StartInfo.Environment["DOTNET_GCLOHThreshold"] = LargeObject;
        process.StartInfo.Environment["DOTNET_GCgen0size"] = YoungObjects;
        process.StartInfo.Environment["DOTNET_EnableDiagnostics"] = "0";
        process.StartInfo.Environment["TMPDIR"] = folder.Path;
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors);
    }

    /// <summary>A folder for the process's files, in memory where the system has such a place.</summary>
    private sealed class FolderInMemory : IDisposable
    {
        private const string InMemory = "/dev/shm";

        public string Path { get; } = Directory.Exists(InMemory)
            ? Directory.CreateDirectory($"{InMemory}/cudnnresnet-fuzz-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("cudnnresnet-fuzz-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
