using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CudnnResNet.Soak.Tests;

/// <summary>The soak program: a few seconds of it find nothing, and what is planted is found.</summary>
[TestClass]
public sealed partial class SoakTests
{
    // Those that take milliseconds a try; make soak has all of them.
    private const string Quick = "damaged checkpoint,worker thread throws,native call fails,8-thread inference";

    [TestMethod]
    public void A_few_seconds_of_it_lose_hang_and_leak_nothing()
    {
        var (exitCode, rows, output) = Soak("--seconds", "5", "--only", Quick);
        Assert.AreEqual(0, exitCode, output);
        Assert.HasCount(5, rows);
        foreach (var row in rows.Values.Where(row => row.Tries > 0)) Assert.AreEqual((0, 0, 0), (row.Lost, row.Hung, row.Leaked), output);
        Assert.IsGreaterThanOrEqualTo(12, rows["all"].Tries, output);
    }

    [TestMethod]
    [TestCategory("Long")]
    public void Half_a_minute_of_all_faults_loses_hangs_and_leaks_nothing()
    {
        var (exitCode, rows, output) = Soak("--seconds", "30");
        Assert.AreEqual(0, exitCode, output);
        Assert.IsGreaterThan(12, rows.Count, output);
    }

    [TestMethod]
    [DataRow("planted loss", 1, 0, 0)]
    [DataRow("planted hang", 0, 1, 0)]
    [DataRow("planted leak of memory", 0, 0, 1)]
    [DataRow("planted leak of a handle", 0, 0, 1)]
    [DataRow("planted leak of a thread", 0, 0, 1)]
    [DataRow("planted leak of an object", 0, 0, 1)]
    [DataRow("nothing planted", 0, 0, 0)]
    public void What_is_planted_is_counted_where_it_belongs_and_nowhere_else(string fault, int lost, int hung, int leaked)
    {
        var (exitCode, rows, output) = Soak("--seconds", "0", "--only", fault);
        var row = rows[fault];
        Assert.AreEqual((lost > 0, hung, leaked > 0), (row.Lost > 0, row.Hung, row.Leaked > 0), output);
        Assert.AreEqual(row, rows["all"]);
        Assert.AreEqual(lost + hung + leaked > 0 ? 1 : 0, exitCode, output);
        if (exitCode == 1) Assert.Contains($"{(lost > 0 ? "lost" : hung > 0 ? "hung" : "leaked")}: {fault}, ", output);
    }

    [TestMethod]
    [DataRow("'sunshine' is none of kill -9", "--only", "sunshine")]
    [DataRow("--seconds x", "--seconds", "x")]
    [DataRow("--seconds", "--seconds")]
    [DataRow("--minutes 1", "--minutes", "1")]
    public void What_it_cannot_read_is_refused(string part, params string[] args)
    {
        var (exitCode, _, output) = Soak(args);
        Assert.AreEqual(2, exitCode);
        Assert.Contains(part, output);
    }

    [TestMethod]
    [TestCategory("Long")]
    public void Twenty_thousand_steps_hold_no_more_than_a_thousand()
    {
        var (exitCode, _, output) = Soak("--steps", "20000");
        Console.WriteLine(output);
        Assert.AreEqual(0, exitCode, output);
    }

    private static (int ExitCode, Dictionary<string, Row> Rows, string Output) Soak(params string[] args)
    {
        string dll = Path.Combine(Repository.Root, "artifacts", "bin", "Soak", "release", "CudnnResNet.Soak.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet", ["exec", dll, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + error.Result;
        process.WaitForExit();
        var rows = Line().Matches(output).ToDictionary(match => match.Groups[1].Value.Trim(), match => new Row(Number(match, 2), Number(match, 3), Number(match, 4), Number(match, 5)));
        return (process.ExitCode, rows, output);
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private sealed record Row(int Tries, int Lost, int Hung, int Leaked);

    [GeneratedRegex(@"^(\S.*?) +(\d+) +(\d+) +(\d+) +(\d+)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
