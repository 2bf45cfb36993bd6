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
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(folder["f"], stream => stream.Write(New), keepAs: folder["g"],
            open: path => new FullDisk(AtomicFile.Create(path), room)));
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
        Assert.Throws<IOException>(() => AtomicFile.Write(folder["f"], stream => stream.Write(New), open: _ => new FileStream("/dev/full", FileMode.Open, FileAccess.Write)));
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

    [TestMethod]
    public void A_missing_folder_is_an_error() =>
        Assert.Throws<IOException>(() => AtomicFile.Write(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "f"), stream => stream.Write(Old)));
}
