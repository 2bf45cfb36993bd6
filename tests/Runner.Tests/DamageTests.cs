namespace CudnnResNet.Runner.Tests;

/// <summary>Files that are missing, damaged, or cannot be written: one line, the documented exit code, and nothing else is lost.</summary>
[TestClass]
public sealed class DamageTests
{
    private const int RecordBytes = 3073, Records = 10_000;

    // ---- The data set ----

    [TestMethod]
    [DataRow("missing", "is missing")]
    [DataRow("truncated", "is truncated")]
    [DataRow("oversized", "is oversized")]
    [DataRow("label", "record 7 has label 10")]
    public void A_damaged_data_file_is_named(string damage, string part)
    {
        using var folder = new TemporaryFolder();
        string data = Directory.CreateDirectory(folder["cifar"]).FullName, damaged = Path.Combine(data, "data_batch_3.bin");
        foreach (string name in (string[])["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"])
        {
            using var file = File.Create(Path.Combine(data, name));
            file.SetLength(RecordBytes * Records); // label 0, black: the readers look at lengths and labels
        }
        using (var file = File.OpenWrite(damaged))
        {
            if (damage == "truncated") file.SetLength(file.Length - 1);
            if (damage == "oversized") file.SetLength(file.Length + 1);
            file.Position = 7 * RecordBytes;
            if (damage == "label") file.WriteByte(10);
        }
        if (damage == "missing") File.Delete(damaged);
        RunnerProgram.Run(folder, "--depth", "8", "--data", "cifar").Fails(4, "data_batch_3.bin", part);
        var verify = RunnerProgram.Run(folder, "data", "verify", "--data", "cifar", "--quiet");
        verify.Fails(4, "data_batch_3.bin", part);
        Assert.IsFalse(Directory.Exists(folder["runs"]));
    }

    [TestMethod]
    public void A_folder_without_data_is_named()
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, "--data", "nowhere").Fails(4, "nowhere does not exist");
        Directory.CreateDirectory(folder["cifar-10-batches-py"]);
        RunnerProgram.Run(folder, "--data", "cifar-10-batches-py").Fails(4, "cifar-10-batches-py", "data download");
        RunnerProgram.Run(folder, "data", "verify").Fails(4, "not found", "data download");
    }

    // ---- Checkpoints ----

    [TestMethod]
    [DataRow("truncated")]
    [DataRow("altered")]
    [DataRow("text")]
    [DataRow("folder")]
    public void A_damaged_checkpoint_is_refused(string damage)
    {
        using var folder = new TemporaryFolder();
        string run = TinyRun.CopyTo(folder);
        Damage(Path.Combine(run, "last.state"), damage);
        Damage(Path.Combine(run, "previous.state"), damage);
        TinyRun.Resume(folder, TinyRun.Name).Fails(5, "last.state");
    }

    [TestMethod]
    public void A_damaged_checkpoint_is_replaced_by_the_one_before_it()
    {
        using var folder = new TemporaryFolder();
        string run = TinyRun.CopyTo(folder);
        Damage(Path.Combine(run, "last.state"), "altered");
        Assert.Contains("note ", TinyRun.Resume(folder, TinyRun.Name).Succeeds().Out);
        CollectionAssert.AreEqual(Summary.WithoutTimes(TinyRun.Finished), Summary.WithoutTimes(run));
    }

    [TestMethod]
    public void A_run_without_a_checkpoint_is_refused()
    {
        using var folder = new TemporaryFolder();
        string run = TinyRun.CopyTo(folder);
        File.Delete(Path.Combine(run, "last.state"));
        File.Delete(Path.Combine(run, "previous.state"));
        TinyRun.Resume(folder, TinyRun.Name).Fails(5, "last.state");
        File.WriteAllText(Path.Combine(run, "args.json"), "{");
        TinyRun.Resume(folder, TinyRun.Name).Fails(5, "args.json");
    }

    // ---- Weights ----

    [TestMethod]
    [DataRow("truncated")]
    [DataRow("altered")]
    [DataRow("text")]
    [DataRow("folder")]
    public void Damaged_weights_are_refused(string damage)
    {
        using var folder = new TemporaryFolder();
        string weights = Path.Combine(TinyRun.CopyTo(folder), "last.safetensors");
        Damage(weights, damage);
        RunnerProgram.Run(folder, "eval", "--weights", weights, "--dataset", "synthetic").Fails(5, "last.safetensors");
        TinyRun.Run(folder, "--initial-weights", weights).Fails(5, "last.safetensors");
        RunnerProgram.Run(folder, "compare", "--weights", weights).Fails(5, "last.safetensors");
    }

    [TestMethod]
    public void Weights_of_another_network_are_refused()
    {
        using var folder = new TemporaryFolder();
        string weights = Path.Combine(TinyRun.Finished, "last.safetensors");
        RunnerProgram.Run(folder, "--dataset", "synthetic", "--depth", "14", "--initial-weights", weights).Fails(5, "resnet8", "resnet14");
        RunnerProgram.Run(folder, "--dataset", "synthetic", "--model", "plain8", "--initial-weights", weights).Fails(5, "resnet8", "plain8");
        RunnerProgram.Run(folder, "compare", "--depth", "14", "--weights", weights).Fails(5, "resnet8", "resnet14");
        Assert.IsFalse(Directory.Exists(folder["runs"]));
    }

    // ---- The output folder ----

    [TestMethod]
    public void An_output_folder_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        TinyRun.Run(folder, "--output", Path.Combine("file", "runs")).Fails(1, "cannot write to", "--output");
    }

    // Blocks of 512 bytes that a file may have: too few for a checkpoint, or for another line of run.log. They stand for a disk without room.
    [TestMethod]
    [DataRow(100)]
    [DataRow(1)]
    public void A_full_disk_ends_the_run_and_leaves_the_old_checkpoint_whole(int blocks)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: ulimit");
        using var folder = new TemporaryFolder();
        using (var first = RunnerProgram.Start(folder, TinyRun.Args("--epochs", "4", "--name", "tiny", "--json", "--log-interval", "1"), TinyRun.Size, "CUDNNRESNET_TEST_SAVE_DELAY_MS=300"))
        {
            first.WaitForLine("\"epoch\":1,\"epochs\":4,\"step\":1,");
            first.Signal(2);
            Assert.AreEqual(130, first.Wait().ExitCode);
        }
        string checkpoint = folder["runs", TinyRun.Name, "last.state"];
        byte[] before = File.ReadAllBytes(checkpoint);

        // The runtime needs W^X off, because its double mapping is a file of its own.
        using (var full = RunnerProgram.StartInShell(folder, $"ulimit -f {blocks}; trap '' XFSZ", ["train", "--resume", "--quiet"], TinyRun.Size, "DOTNET_EnableWriteXorExecute=0"))
            full.Wait().Fails(1, TinyRun.Name, blocks == 1 ? "run.log" : ".tmp", "allows no longer file", "the last checkpoint is whole");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(checkpoint));
        Assert.IsEmpty(Directory.GetFiles(folder["runs"], "*.tmp", SearchOption.AllDirectories));

        TinyRun.Resume(folder).Succeeds();
        Assert.HasCount(4, Summary.Hashes(folder["runs", TinyRun.Name]));
    }

    private static void Damage(string path, string damage)
    {
        byte[] bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "truncated": File.WriteAllBytes(path, bytes[..^100]); break;
            case "text": File.WriteAllText(path, "nothing of the kind"); break;
            case "altered":
                bytes[bytes.Length - 1000] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "folder":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
        }
    }
}
