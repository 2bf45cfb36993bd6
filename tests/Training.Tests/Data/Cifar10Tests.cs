using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class Cifar10Tests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Reads_every_record_in_order_from_the_folder_and_from_its_parent(bool parent)
    {
        using var temp = new TemporaryFolder();
        string folder = temp["cifar-10-batches-bin"];
        CifarFiles.Write(folder);

        var set = Cifar10.Read(parent ? temp.Path : folder, CifarFiles.Records);

        Assert.AreEqual("cifar10", set.Name);
        Assert.IsFalse(set.IsSynthetic);
        Assert.AreEqual(folder, set.Source);
        Assert.AreEqual("airplane automobile bird cat deer dog frog horse ship truck", string.Join(' ', set.ClassNames));
        Assert.AreEqual(5 * CifarFiles.Records, set.Train.Count);
        Assert.AreEqual(CifarFiles.Records, set.Test.Count);
        for (int i = 0; i < 6 * CifarFiles.Records; i++)
        {
            var (images, index) = i < set.Train.Count ? (set.Train, i) : (set.Test, i - set.Train.Count);
            int record = i % CifarFiles.Records;
            Assert.AreEqual(record % 10, images.Labels[index]);
            for (int p = 0; p < LabelledImages.ImageBytes; p++)
                Assert.AreEqual(CifarFiles.Pixel(i / CifarFiles.Records, record, p), images.Image(index)[p], $"image {i}, byte {p}");
        }
    }

    [TestMethod]
    public void The_official_sizes_are_demanded()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        Refused(() => Cifar10.Read(temp.Path), "data_batch_1.bin is truncated: 61460 bytes instead of 30730000");
    }

    [TestMethod]
    public void A_missing_file_is_named()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        File.Delete(temp["data_batch_3.bin"]);
        Refused(() => Read(temp.Path), "data_batch_3.bin is missing");
    }

    [TestMethod]
    [DataRow(-1, "test_batch.bin is truncated: 61459 bytes instead of 61460")]
    [DataRow(1, "test_batch.bin is oversized: 61461 bytes instead of 61460")]
    [DataRow(-61460, "test_batch.bin is truncated: 0 bytes instead of 61460")]
    public void A_file_of_another_length_is_refused(int change, string message)
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        using (var file = File.OpenWrite(temp["test_batch.bin"]))
            file.SetLength(file.Length + change);
        Refused(() => Read(temp.Path), message);
    }

    [TestMethod]
    [DataRow((byte)10)]
    [DataRow((byte)255)]
    public void A_label_of_10_or_more_is_refused(byte label)
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp.Path);
        using (var file = File.OpenWrite(temp["data_batch_2.bin"]))
        {
            file.Position = 17 * 3073;
            file.WriteByte(label);
        }
        Refused(() => Read(temp.Path), $"data_batch_2.bin: record 17 has label {label}, allowed are 0 to 9");
    }

    [TestMethod]
    public void The_python_form_is_refused_by_name_with_the_command_to_run()
    {
        using var temp = new TemporaryFolder();
        string python = Directory.CreateDirectory(temp["cifar-10-batches-py"]).FullName;
        File.WriteAllText(Path.Combine(python, "data_batch_1"), "");
        Refused(() => Read(python), "cifar-10-batches-py", "data download");
        Refused(() => Read(temp.Path), "cifar-10-batches-py", "data download");
        File.WriteAllText(temp["batches.meta"], "");
        Refused(() => Read(temp.Path), "Python form", "data download");
    }

    [TestMethod]
    public void Empty_missing_and_foreign_folders_are_refused()
    {
        using var temp = new TemporaryFolder();
        Refused(() => Read(temp.Path), "is empty");
        Refused(() => Read(temp["nowhere"]), "nowhere does not exist");
        File.WriteAllText(temp["notes.txt"], "");
        Refused(() => Read(temp.Path), "holds neither data_batch_1.bin nor a folder cifar-10-batches-bin");
        Refused(() => Read(temp["notes.txt"]), "notes.txt is a file");
    }

    private static DataSet Read(string folder) => Cifar10.Read(folder, CifarFiles.Records);

    private static void Refused(Action action, params string[] parts)
    {
        var e = Assert.ThrowsExactly<DataException>(action);
        foreach (string part in parts)
            StringAssert.Contains(e.Message, part);
        Assert.IsFalse(e.Message.Contains('\n'), "one line");
    }
}
