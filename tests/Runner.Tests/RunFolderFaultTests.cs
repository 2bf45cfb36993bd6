namespace CudnnResNet.Runner.Tests;

/// <summary>
/// A run folder that goes away, can no longer be written, or is wanted by two processes: one clear line, the documented exit code, no hang,
/// and the last good checkpoint can be gone on from.
/// </summary>
[TestClass]
public sealed class RunFolderFaultTests
{
    private const string Nobody = "65534";

    [TestInitialize]
    public void NeedsAShell()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX");
    }

    // ---- The folder ----

    [TestMethod]
    public void A_folder_that_is_removed_ends_the_run()
    {
        using var folder = new TemporaryFolder();
        using var program = StartEndless(folder);
        Directory.Delete(folder["runs"], recursive: true);
        program.Wait().Fails(1, Run(folder), "removed");
    }

    [TestMethod]
    public void A_folder_that_a_file_has_replaced_ends_the_run_and_goes_on_where_it_was_moved_to()
    {
        using var folder = new TemporaryFolder();
        using var program = StartEndless(folder);
        Directory.Move(Run(folder), folder["moved"]);
        File.WriteAllText(Run(folder), "");
        program.Wait().Fails(1, Run(folder), "replaced");
        AssertGoesOn(folder, "moved");
    }

    [TestMethod]
    public void A_folder_that_is_made_read_only_ends_the_run_with_its_checkpoint_whole()
    {
        if (OperatingSystem.IsWindows()) return; // passed over already; the compiler wants to see it
        // To root nothing is read-only, so the program gets another user.
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        string before = Environment.IsPrivilegedProcess ? $"set -- setpriv --reuid {Nobody} --regid {Nobody} --clear-groups \"$@\"" : ":";
        if (Environment.IsPrivilegedProcess)
        {
            using var probe = RunnerProgram.StartInShell(folder, before, ["summary", "--depth", "8"]);
            if (probe.Wait().ExitCode != 0) Assert.Inconclusive("skipped: as root, and another user cannot run the program");
        }
        using var program = RunnerProgram.StartInShell(folder, before, Endless, TinyRun.Size);
        WaitForCheckpoints(folder);
        File.SetUnixFileMode(Run(folder), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        program.Wait().Fails(1, Run(folder), "denied", "the last checkpoint is whole");
        File.SetUnixFileMode(Run(folder), (UnixFileMode)0b111_111_111);
        AssertGoesOn(folder, Run(folder));
    }

    // ---- The disk ----

    [TestMethod]
    [TestCategory("Long")]
    [DataRow(200, DisplayName = "no room for a checkpoint")]
    [DataRow(900, DisplayName = "no room for the second checkpoint")]
    [DataRow(1500, DisplayName = "no room for the third")]
    [DataRow(2100, DisplayName = "no room for the weights")]
    [DataRow(2300, DisplayName = "no room for the best weights")]
    public void A_disk_that_is_really_full_ends_the_run_with_its_checkpoint_whole(int kilobytes)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["runs"]);
        // A disk of its own for runs/, in a namespace that goes with the process; what is on it in the end is copied to kept/.
        string onASmallDisk = $"set -- unshare -rm sh -c 'mount -t tmpfs -o size={kilobytes}k tmpfs runs || exit 99; \"$@\"; code=$?; cp -r runs kept; exit $code' sh \"$@\"";
        using (var program = RunnerProgram.StartInShell(folder, onASmallDisk, TinyRun.Args("--epochs", "2", "--name", "tiny", "--checkpoint-every", "3"), TinyRun.Size))
        {
            var outcome = program.Wait();
            if (outcome.ExitCode is 99 or 127 || outcome.Error.Contains("unshare", StringComparison.Ordinal)) Assert.Inconclusive("skipped: no disk of a test's own can be mounted here");
            outcome.Fails(1, TinyRun.Name, "No space left");
        }
        Assert.IsEmpty(Directory.GetFiles(folder["kept"], "*.tmp", SearchOption.AllDirectories));
        string kept = folder["kept", TinyRun.Name];
        if (!File.Exists(Path.Combine(kept, "last.state")))
        {
            Assert.AreEqual(200, kilobytes, "no checkpoint is left");
            return;
        }
        TinyRun.Resume(folder, kept).Succeeds();
        AssertIsFinished(kept);
    }

    // ---- Two processes ----

    [TestMethod]
    public void A_second_process_is_refused_and_a_killed_ones_lock_is_no_trap()
    {
        using var folder = new TemporaryFolder();
        using var first = StartEndless(folder);
        TinyRun.Resume(folder, TinyRun.Name).Fails(1, Run(folder), "in use by another process");
        TinyRun.Resume(folder).Fails(1, "in use by another process");
        first.Kill();
        first.Wait();
        Assert.IsTrue(File.Exists(Path.Combine(Run(folder), "lock")));
        AssertGoesOn(folder, Run(folder));
    }

    [TestMethod]
    public void Processes_that_begin_a_run_of_one_name_at_once_get_a_folder_each()
    {
        using var folder = new TemporaryFolder();
        var programs = Enumerable.Range(0, 3).Select(_ => RunnerProgram.Start(folder, TinyRun.Args("--epochs", "2", "--name", "tiny"), TinyRun.Size)).ToArray();
        foreach (var program in programs)
        {
            program.Wait().Succeeds();
            program.Dispose();
        }
        CollectionAssert.AreEquivalent(new[] { TinyRun.Name, $"{TinyRun.Name}-2", $"{TinyRun.Name}-3" }, Directory.GetDirectories(folder["runs"]).Select(path => Path.GetFileName(path)).ToArray());
        foreach (string run in Directory.GetDirectories(folder["runs"])) AssertIsFinished(run);
    }

    private static string[] Endless => TinyRun.Args("--epochs", "10000", "--name", "tiny", "--checkpoint-every", "1");

    private static string Run(TemporaryFolder folder) => folder["runs", TinyRun.Name];

    private static RunnerProgram StartEndless(TemporaryFolder folder)
    {
        var program = RunnerProgram.Start(folder, Endless, TinyRun.Size);
        WaitForCheckpoints(folder);
        return program;
    }

    private static void WaitForCheckpoints(TemporaryFolder folder)
    {
        for (int tries = 0; !File.Exists(Path.Combine(Run(folder), "previous.state")); tries++)
        {
            Assert.IsLessThan(6000, tries, "no checkpoint within a minute");
            Thread.Sleep(10);
        }
    }

    private static void AssertGoesOn(TemporaryFolder folder, string run)
    {
        using var program = RunnerProgram.Start(folder, ["train", "--resume", run, "--json", "--log-interval", "1"], TinyRun.Size);
        program.WaitForLine("\"event\":\"step\"");
    }

    private static void AssertIsFinished(string run)
    {
        CollectionAssert.AreEqual(Summary.WithoutTimes(TinyRun.Finished), Summary.WithoutTimes(run));
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(TinyRun.Finished, "last.safetensors")), File.ReadAllBytes(Path.Combine(run, "last.safetensors")));
    }
}
