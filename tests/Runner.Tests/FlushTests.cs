using System.Text.RegularExpressions;

namespace CudnnResNet.Runner.Tests;

/// <summary>What the real program asks of the system, as strace has it: a file is flushed before it gets its name, its folder after.</summary>
[TestClass]
public sealed partial class FlushTests
{
    [TestMethod]
    public void Every_file_is_flushed_before_it_gets_its_name_and_its_folder_after()
    {
        using var folder = new TemporaryFolder();
        const string traced = "command -v strace >/dev/null || exit 99\nset -- strace -f -qq -y -e trace=fsync,rename,renameat,renameat2 -o calls \"$@\"";
        string[] args = ["train", "--dataset", "synthetic", "--depth", "8", "--batch-size", "8", "--epochs", "1", "--checkpoint-every", "1", "--name", "tiny", "--quiet"];
        using (var program = RunnerProgram.StartInShell(folder, traced, args, "CUDNNRESNET_TEST_SYNTHETIC=16,8"))
        {
            var outcome = program.Wait();
            if (outcome.ExitCode == 99 || outcome.Error.Contains("ptrace", StringComparison.Ordinal)) Assert.Inconclusive("skipped: no strace here, or it may not trace");
            outcome.Succeeds();
        }
        // Two steps: a checkpoint before the first, after the first, and after the epoch's end.
        string[] expected =
        [
            "fsync FOLDER", "fsync runs",
            .. Replaced("args.json"), .. Replaced("summary.csv"), "fsync events", "fsync events", "fsync run.log", "fsync run.log",
            .. Replaced("last.state"),
            .. Replaced("last.state", keeping: "previous.state"),
            .. Replaced("last.safetensors"), .. Replaced("best.safetensors"), "fsync summary.csv", "fsync events", .. Replaced("last.state", keeping: "previous.state"), "fsync run.log",
            .. Replaced("report.html"), "fsync run.log", .. Replaced("report.html"),
        ];
        CollectionAssert.AreEqual(expected, Calls(folder), string.Join('\n', Calls(folder)));
    }

    private static IEnumerable<string> Replaced(string file, string? keeping = null)
    {
        yield return $"fsync {file}.tmp";
        if (keeping is not null) yield return $"rename {file} to {keeping}";
        yield return $"rename {file}.tmp to {file}";
        yield return "fsync RUN";
    }

    private static string[] Calls(TemporaryFolder folder) => [.. File.ReadLines(folder["calls"]).Select(line =>
    {
        string[] paths = [.. Quoted().Matches(line).Select(match => Name(folder, match.Groups[1].Value))];
        return paths.Length == 2 ? $"rename {paths[0]} to {paths[1]}" : $"fsync {Name(folder, Opened().Match(line).Groups[1].Value)}";
    })];

    private static string Name(TemporaryFolder folder, string path) =>
        path == folder.Path ? "FOLDER" : path == folder["runs", TinyRun.Name] ? "RUN" : path.Contains("events.out", StringComparison.Ordinal) ? "events" : Path.GetFileName(path);

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("<([^>]+)>")]
    private static partial Regex Opened();
}
