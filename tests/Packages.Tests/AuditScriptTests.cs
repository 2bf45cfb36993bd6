namespace CudnnResNet.Packages.Tests;

/// <summary>What tools/audit.sh makes of the answers of NuGet, which a script of the name dotnet gives here.</summary>
[TestClass]
public sealed class AuditScriptTests
{
    private const string Vulnerable = "a.csproj : warning NU1903: Package 'X' 1.0.0 has a known high severity vulnerability, https://github.com/advisories/GHSA-1 [/s.sln]";
    private const string Nothing = "a.csproj : warning NU1905: Audit source 'one' did not provide any vulnerability data. [/s.sln]";
    private const string Unreachable = "b.csproj : warning NU1900: Error occurred while getting package vulnerability data: two [/s.sln]";

    [TestMethod]
    [DataRow(new[] { "  Restored a.csproj" }, 0, "audit: no known vulnerability among ")]
    [DataRow(new[] { Vulnerable, Vulnerable }, 1, "NU1903: Package 'X' 1.0.0 has a known high severity vulnerability")]
    [DataRow(new[] { Nothing, Vulnerable }, 1, "NU1903: Package 'X' 1.0.0")]
    [DataRow(new[] { Nothing, Nothing }, 0, "audit: no known vulnerability among ")] // of two sources one has none, and the other had nothing to say
    [DataRow(new[] { Nothing, Unreachable }, 2, "audit: no source of advisories at hand: nothing is known about ")]
    public void Silence_is_not_taken_for_safety(string[] answers, int exitCode, string expected)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("skipped: tools/audit.sh needs a shell");
            return; // for the analyzers
        }
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["answers"], answers);
        File.WriteAllText(folder["dotnet"], $"""
            #!/bin/sh
            case "$1" in
            nuget) echo "E https://one.example/index.json"; echo "D https://disabled.example/index.json"; echo "E https://two.example/index.json" ;;
            restore) cat '{folder["answers"]}' ;;
            esac
            """);
        File.SetUnixFileMode(folder["dotnet"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (code, output) = ChildProcess.Run("sh", [Repository.At("tools", "audit.sh")], folder.Path, new() { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", ["AUDIT_SOURCE"] = null });
        Assert.AreEqual(exitCode, code, output);
        Assert.StartsWith(expected, output);
        Assert.HasCount(1, output.Split('\n'));
    }
}
