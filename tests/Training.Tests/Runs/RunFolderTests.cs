using CudnnResNet.Model;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class RunFolderTests
{
    [TestMethod]
    public void A_name_that_is_taken_gets_a_number()
    {
        using var temp = new TemporaryFolder();
        string output = temp["new", "runs"];
        for (int i = 0; i < 3; i++)
        {
            using var folder = RunFolder.Create(output, "a");
            Assert.AreEqual(i == 0 ? "a" : $"a-{i + 1}", folder.Name);
        }
        Directory.CreateDirectory(Path.Combine(output, "empty"));
        using var empty = RunFolder.Create(output, "empty");
        Assert.AreEqual("empty", empty.Name);
        File.WriteAllText(Path.Combine(output, "file"), "");
        using var besideFile = RunFolder.Create(output, "file");
        Assert.AreEqual("file-2", besideFile.Name);
    }

    [TestMethod]
    public void Two_at_once_never_get_the_same_folder()
    {
        using var temp = new TemporaryFolder();
        var folders = new RunFolder[24];
        Parallel.For(0, folders.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => folders[i] = RunFolder.Create(temp.Path, "a"));
        Assert.HasCount(folders.Length, folders.Select(folder => folder.Path).Distinct());
        foreach (var folder in folders) folder.Dispose();
    }

    [TestMethod]
    public void The_default_name_says_network_recipe_and_seed()
    {
        Assert.AreEqual("resnet20-fast-seed1", RunFolder.DefaultName(new(), Recipe.Fast));
        Assert.AreEqual("plain32-paper-seed7", RunFolder.DefaultName(new() { Arch = Architecture.Plain, Depth = 32, Seed = 7 }, Recipe.Paper));
        Assert.AreEqual("resnet20-reshape-fast-seed1", RunFolder.DefaultName(new() { Shortcut = ShortcutPadding.Reshape }, Recipe.Fast));
        Assert.AreEqual("plain20-crop-five-fast-seed1", RunFolder.DefaultName(new() { Arch = Architecture.Plain, Shortcut = ShortcutPadding.Centred, Crop = Crop.Five }, Recipe.Fast));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow(".")]
    [DataRow("..")]
    [DataRow("a/b")]
    [DataRow("a\\b")]
    [DataRow("C:")]
    public void A_name_has_to_be_a_folders(string name) => Assert.ThrowsExactly<InvalidSettingException>(() => RunFolder.CheckName(name));

    [TestMethod]
    public void An_output_that_is_a_file_is_refused()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllText(temp["runs"], "");
        var error = Assert.ThrowsExactly<RunFolderException>(() => RunFolder.Create(temp["runs"], "a"));
        StringAssert.Contains(error.Message, temp["runs"]);
    }

    [TestMethod]
    public void A_folder_that_is_in_use_is_refused_and_free_again_afterwards()
    {
        using var temp = new TemporaryFolder();
        using (var first = RunFolder.Create(temp.Path, "a"))
        {
            first.WriteOptions(new());
            StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => RunFolder.Open(first.Path)).Message, "in use");
        }
        using var again = RunFolder.Open(temp["a"]);
        Assert.AreEqual(new TrainOptions(), again.ReadOptions());
    }

    [TestMethod]
    public void What_a_dead_process_left_half_written_is_removed_and_nothing_else()
    {
        using var temp = new TemporaryFolder();
        using (var first = RunFolder.Create(temp.Path, "a")) first.WriteOptions(new());
        string[] left = ["last.state.tmp", "last.safetensors.tmp", "best.safetensors.tmp", "summary.csv.tmp", "args.json.tmp"];
        foreach (string name in left.Append("notes.tmp")) File.WriteAllText(temp["a", name], "half");
        using var again = RunFolder.Open(temp["a"]);
        CollectionAssert.AreEquivalent(new[] { "args.json", "lock", "notes.tmp" }, Directory.GetFiles(temp["a"]).Select(path => Path.GetFileName(path)).ToArray());
    }

    [TestMethod]
    public void What_is_not_a_runs_folder_is_refused()
    {
        using var temp = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => RunFolder.Open(temp["none"])).Message, "does not exist");
        StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => RunFolder.Open(temp.Path)).Message, "args.json");
        File.WriteAllText(temp["args.json"], "{");
        using var folder = RunFolder.Open(temp["args.json"]);
        Assert.ThrowsExactly<RunFolderException>(folder.ReadOptions);
    }

    [TestMethod]
    public void The_latest_run_is_the_one_with_the_newest_checkpoint()
    {
        using var temp = new TemporaryFolder();
        Assert.IsNull(RunFolder.Latest(temp["none"]));
        Assert.IsNull(RunFolder.Latest(temp.Path));
        foreach (var (name, age) in new[] { ("a", 3), ("b", 1), ("c", 2) })
        {
            Directory.CreateDirectory(temp[name]);
            File.WriteAllText(temp[name, "last.state"], "");
            File.SetLastWriteTimeUtc(temp[name, "last.state"], DateTime.UtcNow.AddHours(-age));
        }
        Directory.CreateDirectory(temp["d"]);
        Assert.AreEqual(temp["b"], RunFolder.Latest(temp.Path));
    }
}
