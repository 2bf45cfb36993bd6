using System.Diagnostics;

namespace CudnnResNet.Packages.Tests;

/// <summary>A program that a test runs.</summary>
internal static class ChildProcess
{
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    /// <summary>Runs it to its end; what it wrote to both outputs, in the order in which it came.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="watch">Told of each line with the process's number.</param>
    public static (int ExitCode, string Output) Run(string program, IEnumerable<string> arguments, string folder, Dictionary<string, string?>? environment = null, Action<string, int>? watch = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the test host was started with is nothing for another dotnet.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        // No build leaves a server behind, which would hold what this process has open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var lines = new List<string>();
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return (process.ExitCode, string.Join('\n', lines));

        void Take(string? line)
        {
            if (line is null) return;
            lock (lines) lines.Add(line);
            watch?.Invoke(line, process.Id);
        }
    }

    /// <summary>The same, which must end well.</summary>
    public static string Succeeds(string program, IEnumerable<string> arguments, string folder, Dictionary<string, string?>? environment = null)
    {
        var (exitCode, output) = Run(program, arguments, folder, environment);
        Assert.AreEqual(0, exitCode, $"{program} {string.Join(' ', arguments)}\n{output}");
        return output;
    }
}
