using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CudnnResNet.Runner.Tests;

/// <summary>What a process left behind.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error)
{
    /// <summary>Asserts a failure: the exit code, and one line on stderr with all of these parts.</summary>
    public void Fails(int exitCode, params string[] parts)
    {
        Assert.AreEqual(exitCode, ExitCode, ToString());
        string line = Error.TrimEnd('\n');
        Assert.StartsWith("error: ", line, ToString());
        Assert.DoesNotContain("\n", line, $"more than one line: {this}");
        foreach (string part in parts) Assert.Contains(part, line);
    }

    /// <summary>Asserts success: exit code 0 and a silent stderr.</summary>
    public Outcome Succeeds()
    {
        Assert.AreEqual(0, ExitCode, ToString());
        Assert.AreEqual("", Error);
        return this;
    }

    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Out}\n--- stderr\n{Error}";
}

/// <summary>The real program as a child process, in a folder of its own and without the user's settings.</summary>
internal sealed partial class RunnerProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly Task<string> error;
    private readonly List<string> lines = [];
    private readonly Task output;

    private RunnerProgram(ProcessStartInfo start)
    {
        process = Process.Start(start)!;
        process.StandardInput.Close();
        error = process.StandardError.ReadToEndAsync();
        output = Task.Run(ReadLines);
    }

    /// <summary>Runs it to its end.</summary>
    public static Outcome Run(TemporaryFolder folder, params string[] args)
    {
        using var program = Start(folder, args);
        return program.Wait();
    }

    /// <summary>Starts it; each of the settings is NAME=VALUE of the environment.</summary>
    public static RunnerProgram Start(TemporaryFolder folder, string[] args, params string[] settings) =>
        new(StartInfo(folder, Dotnet, ["exec", Dll, .. args], settings));

    /// <summary>Starts it behind shell commands, such as limits.</summary>
    public static RunnerProgram StartInShell(TemporaryFolder folder, string before, string[] args, params string[] settings) =>
        new(StartInfo(folder, "/bin/sh", ["-c", $"{before}\nexec \"$@\"", "sh", Dotnet, "exec", Dll, .. args], settings));

    /// <summary>Starts it on a terminal of 100 columns, by way of util-linux's <c>script</c>.</summary>
    public static RunnerProgram StartOnTerminal(TemporaryFolder folder, string[] args, params string[] settings) =>
        new(StartInfo(folder, "script", ["-qec", $"stty cols 100; exec '{Dotnet}' exec '{Dll}' {string.Join(' ', args)}", "/dev/null"], settings));

    /// <summary>Waits for the end; a process that hangs is killed and fails the test.</summary>
    public Outcome Wait()
    {
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            Assert.Fail($"still running after {Limit.TotalSeconds} s");
        }
        output.Wait();
        lock (lines) return new(process.ExitCode, string.Concat(lines.Select(line => line + "\n")), error.Result);
    }

    /// <summary>Waits for so long; whether it has ended by itself until then.</summary>
    public bool EndsWithin(TimeSpan time) => process.WaitForExit(time);

    /// <summary>Waits for a line of output that has this text.</summary>
    public void WaitForLine(string text)
    {
        var until = Stopwatch.StartNew();
        while (until.Elapsed < Limit)
        {
            bool over = output.IsCompleted;
            lock (lines)
            {
                if (lines.Any(line => line.Contains(text, StringComparison.Ordinal))) return;
            }
            if (over) Assert.Fail($"it ended without '{text}': {Wait()}");
            Thread.Sleep(10);
        }
        process.Kill();
        Assert.Fail($"no line with '{text}' in {Limit.TotalSeconds} s");
    }

    /// <summary>Sends SIGINT (2), SIGKILL (9) or SIGTERM (15).</summary>
    public void Signal(int signal) => Assert.AreEqual(0, SendSignal(process.Id, signal));

    /// <summary>Ends it without its leave (SIGKILL), unless it has ended already.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private static string Dll => Path.Combine(AppContext.BaseDirectory, "CudnnResNet.Runner.dll");

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    private static ProcessStartInfo StartInfo(TemporaryFolder folder, string file, string[] args, string[] settings)
    {
        var start = new ProcessStartInfo(file, args)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (name.StartsWith("CUDNNRESNET_", StringComparison.Ordinal) || name is "CIFAR10_DIR" or "CUDA_VISIBLE_DEVICES" or "NO_COLOR") start.Environment.Remove(name);
        }
        // Nothing of the user's is found, nothing is left in the user's folders.
        start.Environment["HOME"] = start.Environment["XDG_CACHE_HOME"] = start.Environment["LOCALAPPDATA"] = folder.Path;
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..equals]] = setting[(equals + 1)..];
        }
        return start;
    }

    private void ReadLines()
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lock (lines) lines.Add(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
