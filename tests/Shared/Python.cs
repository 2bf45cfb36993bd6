using System.ComponentModel;
using System.Diagnostics;

namespace CudnnResNet.Tests;

/// <summary>A bare Python interpreter, where the machine has one; no package is needed.</summary>
internal static class Python
{
    /// <summary>Runs a script to its end; the test is skipped, saying so, where there is no Python.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", ["-I", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, error.Result);
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive("skipped: there is no python3 here");
            throw;
        }
    }
}
