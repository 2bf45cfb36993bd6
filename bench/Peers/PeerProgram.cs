using System.Diagnostics;

namespace CudnnResNet.Peers;

/// <summary>The program of one side, or the reason why there is none.</summary>
internal sealed class PeerProgram
{
    private readonly string? project;

    private PeerProgram(string name, string[] arguments, string? project) => (Name, Arguments, this.project) = (name, arguments, project);

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>What <c>dotnet</c> is told to run.</summary>
    public string[] Arguments { get; }

    /// <summary>Why it cannot be used: a package that cannot be restored, a library that does not load. Null where it can.</summary>
    public string? Problem { get; set; }

    /// <summary>This engine: this program as a worker.</summary>
    public static PeerProgram Ours() => new("ours", [typeof(PeerProgram).Assembly.Location, Program.WorkerWord], null);

    /// <summary>A peer, whose project lies below bench/Peers.</summary>
    public static PeerProgram Of(string name, string folder)
    {
        string project = $"Peers.{folder}", root = RepositoryRoot();
        return new(name, [Path.Combine(root, "artifacts", "bin", project, "release", $"CudnnResNet.{project}.dll")], Path.Combine(root, "bench", "Peers", folder, $"{project}.csproj"));
    }

    /// <summary>Builds a peer's project, which restores its packages; where that fails, the program has a problem.</summary>
    public void Build()
    {
        if (project is null) return;
        var (code, output) = Run(["build", project, "--nologo", "-v", "quiet"]);
        if (code != 0) Problem = $"its project does not build: {FirstError(output)}";
    }

    /// <summary>The text after <c>FILE : error</c>, which also says <c>[PROJECT]</c> at its end.</summary>
    private static string FirstError(string output)
    {
        const string mark = " error ";
        string? line = output.Split('\n').FirstOrDefault(line => line.Contains(mark, StringComparison.Ordinal));
        return line is null ? output.ReplaceLineEndings(" ").Trim() : line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Split(" [/")[0].Trim();
    }

    /// <summary>The folder of the solution above this program.</summary>
    public static string RepositoryRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "CudnnResNet.sln"))) return folder;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository, whose projects are needed");
    }

    private static (int Code, string Output) Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
