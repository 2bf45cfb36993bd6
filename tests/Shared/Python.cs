using System.ComponentModel;
using System.Diagnostics;

namespace CudnnResNet.Tests;

/// <summary>The Python interpreter of this machine, or the one that CUDNNRESNET_PYTHON names, where there is one.</summary>
internal static class Python
{
    private static readonly string Interpreter = Environment.GetEnvironmentVariable("CUDNNRESNET_PYTHON") is { Length: > 0 } named ? named : "python3";

    /// <summary>Skips the test, saying so, where the interpreter lacks a package.</summary>
    public static void Require(string package)
    {
        if (Start("-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{package}') is None)").ExitCode != 0)
            Assert.Inconclusive($"skipped: {Interpreter} has no {package} (CUDNNRESNET_PYTHON names another interpreter)");
    }

    /// <summary>Runs a script to its end; the test is skipped, saying so, where there is no Python.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static string Run(params string[] arguments)
    {
        var (exitCode, output, error) = Start(arguments);
        Assert.AreEqual(0, exitCode, error);
        return output;
    }

    private static (int ExitCode, string Output, string Error) Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, ["-I", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive($"skipped: there is no {Interpreter} here");
            throw;
        }
    }
}
