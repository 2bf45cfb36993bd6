using System.Formats.Tar;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class ArchiveUnpackTests
{
    [TestMethod]
    public void Takes_the_six_files_and_nothing_else()
    {
        using var temp = new TemporaryFolder();
        var entries = SmallArchive.Entries();
        entries.Add(SmallArchive.Entry("../outside.bin", [1]));
        entries.Add(SmallArchive.Entry("cifar-10-batches-bin/../../outside.bin", [1]));
        entries.Add(SmallArchive.Entry("/tmp/outside.bin", [1]));
        entries.Add(SmallArchive.Entry("elsewhere/data_batch_1.bin", [1]));
        entries.Add(new UstarTarEntry(TarEntryType.SymbolicLink, "cifar-10-batches-bin/link") { LinkName = "/etc" });
        Unpack(temp, SmallArchive.Create(entries));
        CollectionAssert.AreEquivalent(Cifar10.AllFiles, Directory.GetFiles(temp["out"]).Select(Path.GetFileName).ToArray());
        CollectionAssert.AreEqual(CifarFiles.File(2), File.ReadAllBytes(temp["out", "data_batch_3.bin"]));
        Assert.HasCount(2, Directory.GetFileSystemEntries(temp.Path), "the archive and the folder");
    }

    [TestMethod]
    public void Names_with_a_leading_dot_are_the_same_names()
    {
        using var temp = new TemporaryFolder();
        Unpack(temp, SmallArchive.Create(Cifar10.AllFiles.Select((name, f) => SmallArchive.Entry($"./cifar-10-batches-bin/{name}", CifarFiles.File(f)))));
        Assert.HasCount(6, Directory.GetFiles(temp["out"]));
    }

    [TestMethod]
    public void A_link_with_an_expected_name_is_refused()
    {
        var entries = SmallArchive.Entries();
        entries[3] = new UstarTarEntry(TarEntryType.SymbolicLink, "cifar-10-batches-bin/data_batch_1.bin") { LinkName = "/etc/passwd" };
        Refused(SmallArchive.Create(entries), "data_batch_1.bin is no regular file but an entry of type '2'");
    }

    [TestMethod]
    public void A_file_of_another_length_is_refused()
    {
        var entries = SmallArchive.Entries();
        entries[4] = SmallArchive.Entry("cifar-10-batches-bin/data_batch_2.bin", CifarFiles.File(1, records: 21));
        Refused(SmallArchive.Create(entries), "data_batch_2.bin has 64533 bytes instead of 61460");
    }

    [TestMethod]
    public void A_file_that_is_there_twice_is_refused()
    {
        var entries = SmallArchive.Entries();
        entries.Add(SmallArchive.Entry("cifar-10-batches-bin/test_batch.bin", CifarFiles.File(5)));
        Refused(SmallArchive.Create(entries), "test_batch.bin is there twice");
    }

    [TestMethod]
    public void A_missing_file_is_refused()
    {
        var entries = SmallArchive.Entries();
        entries.RemoveAt(5);
        Refused(SmallArchive.Create(entries), "holds no data_batch_3.bin");
    }

    [TestMethod]
    public void An_archive_that_grows_and_grows_is_refused()
    {
        var entries = SmallArchive.Entries();
        entries.Insert(0, SmallArchive.Entry("zeros\u0007", new byte[(1 << 20) + 1]));
        Refused(SmallArchive.Create(entries), "'zeros?' has 1048577 bytes and does not belong there");
        Refused(SmallArchive.Create(Enumerable.Range(0, 65).Select(i => SmallArchive.Entry($"{i}", []))), "more than 64 entries");
    }

    [TestMethod]
    public void A_damaged_archive_is_refused()
    {
        byte[] whole = SmallArchive.Bytes;
        Refused(whole[..(whole.Length / 2)], "");
        Refused([0x1F, 0x8B, 8, 0, 1, 2, 3], "");
        Refused(new byte[100], "");
        Refused([], "");
    }

    private static void Unpack(TemporaryFolder temp, byte[] archive)
    {
        File.WriteAllBytes(temp["archive"], archive);
        Directory.CreateDirectory(temp["out"]);
        ArchiveUnpack.Run(temp["archive"], temp["out"], CifarFiles.Records, default);
    }

    private static void Refused(byte[] archive, string message)
    {
        using var temp = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<DataException>(() => Unpack(temp, archive)).Message, message);
    }
}
