using CudnnResNet.Tests;

namespace CudnnResNet.Model.Tests.Weights;

[TestClass]
public class AtomicFileTests
{
    private static readonly byte[] Old = [1, 2, 3], New = new byte[100_000];

    [TestMethod]
    public void Writes_and_replaces()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["f"], stream => stream.Write(Old));
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["f"]));
        AtomicFile.Write(folder["f"], stream => stream.Write(New));
        CollectionAssert.AreEqual(New, File.ReadAllBytes(folder["f"]));
        CollectionAssert.AreEqual(new[] { "f" }, folder.Files);
    }

    [TestMethod]
    public void Keeps_the_old_file_where_it_is_told_to()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["f"], stream => stream.Write(Old), keepAs: folder["g"]);
        CollectionAssert.AreEqual(new[] { "f" }, folder.Files, "there was no old file");
        AtomicFile.Write(folder["f"], stream => stream.Write(New), keepAs: folder["g"]);
        CollectionAssert.AreEqual(new[] { "f", "g" }, folder.Files);
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["g"]));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(50_000)]
    [DataRow(99_999)]
    [DataRow(100_000, DisplayName = "full at the flush")]
    public void A_full_disk_leaves_the_old_file_whole_and_nothing_else(int room)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f"], Old);
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(folder["f"], stream => stream.Write(New), keepAs: folder["g"], files: new FullDisk(room)));
        StringAssert.Contains(error.Message, "No space left");
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["f"]));
        CollectionAssert.AreEqual(new[] { "f" }, folder.Files);
    }

    [TestMethod]
    public void A_device_that_is_really_full_is_an_error()
    {
        if (!File.Exists("/dev/full")) Assert.Inconclusive("skipped: this system has no /dev/full");
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f"], Old);
        Assert.Throws<IOException>(() => AtomicFile.Write(folder["f"], stream => stream.Write(New), files: new DevFull()));
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["f"]));
    }

    [TestMethod]
    public void A_writer_that_fails_leaves_the_old_file_whole()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f"], Old);
        Assert.ThrowsExactly<InvalidOperationException>(() => AtomicFile.Write(folder["f"], stream =>
        {
            stream.Write(New);
            throw new InvalidOperationException();
        }));
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["f"]));
        CollectionAssert.AreEqual(new[] { "f" }, folder.Files);
    }

    [TestMethod]
    public void A_target_that_cannot_be_replaced_leaves_no_temporary_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["f/inner"]);
        try
        {
            AtomicFile.Write(folder["f"], stream => stream.Write(New));
            Assert.Fail("a folder was replaced by a file");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            CollectionAssert.AreEqual(Array.Empty<string>(), folder.Files);
        }
    }

    [TestMethod]
    public void What_a_killed_process_left_is_overwritten()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f.tmp"], New);
        AtomicFile.Write(folder["f"], stream => stream.Write(Old));
        CollectionAssert.AreEqual(Old, File.ReadAllBytes(folder["f"]));
        CollectionAssert.AreEqual(new[] { "f" }, folder.Files);
    }

    private sealed class DevFull : FileOperations
    {
        public override Stream Create(string path) => new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
    }

    [TestMethod]
    public void A_missing_folder_is_an_error() =>
        Assert.Throws<IOException>(() => AtomicFile.Write(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "f"), stream => stream.Write(Old)));

    [TestMethod]
    public void Whatever_fails_and_wherever_the_old_file_or_the_new_one_is_there_whole()
    {
        foreach (var disaster in Enum.GetValues<Disaster>())
        {
            foreach (bool keeps in new[] { false, true })
            {
                int at = 0;
                while (Survives(disaster, ++at, keeps)) Assert.IsLessThan(100, at, "it never succeeds");
                Assert.IsGreaterThan(5, at, "creating, a block, a flush, a rename, a flush of the folder");
            }
        }
    }

    /// <summary>Replaces a file on a disk on which one operation goes wrong; false where there were fewer.</summary>
    private static bool Survives(Disaster disaster, int at, bool keeps)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f"], Old);
        var disk = new UnreliableDisk(folder.Path, disaster, at);
        bool returned = true;
        try
        {
            AtomicFile.Write(folder["f"], stream => stream.Write(New), keeps ? folder["g"] : null, disk);
        }
        catch (Exception error) when (error is IOException or DeadException)
        {
            returned = false;
        }
        // Also after it has returned: what it has promised to be on the disk has to be there.
        disk.Restart();
        string what = $"{disaster} at {at}, {(keeps ? "old file kept" : "old file replaced")}";
        byte[]? f = Read(folder["f"]), g = Read(folder["g"]);
        if (returned) Assert.IsTrue(Is(f, New) && (!keeps || Is(g, Old)), what);
        Assert.IsTrue(Is(f, Old) || Is(f, New) || keeps && f is null && Is(g, Old), what);
        Assert.IsTrue(g is null || Is(g, Old), what);
        if (disaster == Disaster.Refusal) Assert.IsFalse(File.Exists(folder["f.tmp"]), what);

        // The next process is not in the way of what is left.
        AtomicFile.Write(folder["f"], stream => stream.Write(New));
        Assert.IsTrue(Is(Read(folder["f"]), New) && !File.Exists(folder["f.tmp"]), what);
        return disk.HasHappened;

        static byte[]? Read(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

        static bool Is(byte[]? bytes, byte[] expected) => bytes is not null && bytes.AsSpan().SequenceEqual(expected);
    }
}
