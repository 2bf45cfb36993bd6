using System.Diagnostics;
using System.Text;

namespace CudnnResNet.GpuCheck;

/// <summary>Another program, or this one once more, for a limited time.</summary>
internal static class ChildProcess
{
    /// <summary>The command that starts this program.</summary>
    public static string[] Self { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, "exec", Path.Combine(AppContext.BaseDirectory, "CudnnResNet.GpuCheck.dll")]
        : [Environment.ProcessPath!];

    /// <summary>Runs a command.</summary>
    /// <param name="command">The program, and words that come first.</param>
    /// <param name="words">The other words.</param>
    /// <param name="seconds">It is killed after this time, with what it has started.</param>
    /// <returns>Its exit code, or null where it was killed; and what it wrote to stdout and stderr, as it came.</returns>
    public static (int? Code, string Text) Run(string[] command, IEnumerable<string> words, double seconds)
    {
        var text = new StringBuilder();
        using var process = new Process();
        process.StartInfo = new(command[0], [.. command[1..], .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool ended = process.WaitForExit(TimeSpan.FromSeconds(seconds));
        if (!ended) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        lock (text) return (ended ? process.ExitCode : null, text.ToString());

        void Add(string? line)
        {
            if (line is null) return;
            lock (text) text.Append(line).Append('\n');
        }
    }
}
