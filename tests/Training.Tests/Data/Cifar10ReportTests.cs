using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class Cifar10ReportTests
{
    [TestMethod]
    public void A_whole_set_has_no_problems()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp["cifar-10-batches-bin"]);
        var report = Create(temp);
        Assert.IsTrue(report.IsWhole);
        Assert.AreEqual(temp["cifar-10-batches-bin"], report.Folder);
        CollectionAssert.AreEqual(Cifar10.AllFiles, report.Files.Select(file => file.Name).ToArray());
        Assert.IsTrue(report.Files.All(file => file.Problem is null && file.PerClass.All(n => n == 2)));
        Assert.AreEqual(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(CifarFiles.File(5))), report.Files[5].Sha256);
    }

    [TestMethod]
    public void All_damaged_files_are_named_at_once()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        File.Delete(temp["data_batch_1.bin"]);
        File.WriteAllBytes(temp["data_batch_4.bin"], new byte[61_461]);
        byte[] records = CifarFiles.File(5);
        records[19 * 3073] = 77;
        File.WriteAllBytes(temp["test_batch.bin"], records);

        var report = Create(temp);
        Assert.IsFalse(report.IsWhole);
        Assert.HasCount(3, report.Problems);
        StringAssert.Contains(report.Problems[0], "data_batch_1.bin is missing");
        StringAssert.Contains(report.Problems[1], "data_batch_4.bin is oversized: 61461 bytes instead of 61460");
        StringAssert.Contains(report.Problems[2], "test_batch.bin: record 19 has label 77");
        Assert.IsNull(report.Files[0].Sha256);
        Assert.IsNotNull(report.Files[1].Sha256);
    }

    [TestMethod]
    public void Uneven_classes_are_counted()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        byte[] records = CifarFiles.File(5);
        records[0] = 9;
        File.WriteAllBytes(temp["test_batch.bin"], records);
        CollectionAssert.AreEqual(
            new[] { "class 0 (airplane) has 1 test images instead of 2", "class 9 (truck) has 3 test images instead of 2" },
            Create(temp).Problems.ToArray());
    }

    [TestMethod]
    public void A_folder_without_the_set_is_an_error()
    {
        using var temp = new TemporaryFolder();
        Assert.ThrowsExactly<DataException>(() => Create(temp));
    }

    private static Cifar10Report Create(TemporaryFolder temp) => Cifar10Report.Create(temp.Path, CifarFiles.Records);
}
