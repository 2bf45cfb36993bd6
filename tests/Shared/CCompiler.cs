using System.Diagnostics;

namespace CudnnResNet.Tests;

/// <summary>Builds small libraries that play those of NVIDIA; without a C compiler the test is skipped, saying so.</summary>
internal static class CCompiler
{
    private static readonly string? Compiler =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => new[] { "gcc", "clang", "clang-19", "cc" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Builds a shared library of one file.</summary>
    /// <param name="source">The C file.</param>
    /// <param name="output">The library.</param>
    /// <param name="macro">A macro to define, which chooses a part of the file.</param>
    public static void Build(string source, string output, string macro)
    {
        if (OperatingSystem.IsWindows() || Compiler is null) Assert.Inconclusive("skipped: there is no C compiler (gcc or clang) to build fake libraries with");
        using var process = Process.Start(new ProcessStartInfo(Compiler, ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", $"-D{macro}", "-o", output, source, "-ldl"]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors);
    }
}
