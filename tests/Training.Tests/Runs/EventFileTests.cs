using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>The event files of runs, read by <see cref="EventRecords"/>, which knows the format's description only.</summary>
[TestClass]
public sealed class EventFileTests
{
    private static readonly string[] Tags = ["Error/test", "Error/train", "LearningRate", "Loss/test", "Loss/train", "Throughput"];

    [TestMethod]
    public void A_run_writes_what_its_summary_says()
    {
        using var temp = new TemporaryFolder();
        var (_, folder) = TinyRun.Train(TinyRun.Options(temp));
        string file = EventRecords.Files(folder).Single();
        var records = EventRecords.Read(file);
        Assert.AreEqual("brain.Event:2", records[0].Version);
        Assert.AreEqual((1ul, 1L), (records[1].SessionStatus, records[1].Step));
        Assert.HasCount(4, records);

        var rows = File.ReadAllLines(Path.Combine(folder, "summary.csv"));
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var record = records[2 + epoch];
            CollectionAssert.AreEqual(Tags, record.Values.Keys.Order(StringComparer.Ordinal).ToArray());
            Assert.AreEqual((epoch + 1) * TinyRun.StepsPerEpoch, record.Step, "the iteration, not the epoch");
            Assert.AreEqual(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), record.WallTime, 60);
            var columns = rows[0].Split(',').Zip(rows[1 + epoch].Split(','), (name, text) => (name, text)).ToDictionary(cell => cell.name, cell => cell.text);
            foreach (var (tag, column) in new[] { ("Loss/train", "train_loss"), ("Loss/test", "test_loss"), ("Error/train", "train_err"), ("Error/test", "test_err"), ("LearningRate", "lr") })
                Assert.AreEqual((float)double.Parse(columns[column], CultureInfo.InvariantCulture), record.Values[tag], tag);
            Assert.IsGreaterThan(0, record.Values["Throughput"]);
        }

        string[] parts = Path.GetFileName(file).Split('.', 5);
        Assert.AreEqual(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), long.Parse(parts[3], CultureInfo.InvariantCulture), 60);
        Assert.AreEqual(Environment.MachineName, parts[4]);
    }

    [TestMethod]
    public void Images_held_back_are_not_called_test_images()
    {
        using var temp = new TemporaryFolder();
        var (_, folder) = TinyRun.Train(TinyRun.Options(temp) with { Validation = 4, Epochs = 1 });
        var values = EventRecords.Read(EventRecords.Files(folder).Single())[^1].Values;
        CollectionAssert.IsSubsetOf(new[] { "Error/validation", "Loss/validation" }, values.Keys.ToArray());
        Assert.IsFalse(values.Keys.Any(tag => tag.Contains("test", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void A_resumed_run_shows_every_epoch_once(int cancelledAfter)
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var (stopped, folder) = TinyRun.Train(TinyRun.Options(temp), report =>
        {
            if (report is StepProgress at && at.Epoch * TinyRun.StepsPerEpoch + at.Step == cancelledAfter) cancel.Cancel();
        }, cancel.Token);
        Assert.IsTrue(stopped.Interrupted);
        TinyRun.Resume(folder);
        Assert.HasCount(2, EventRecords.Files(folder), "each process has a file of its own");
        AssertTwoEpochs(folder);
    }

    [TestMethod]
    public void What_lies_beyond_the_checkpoint_is_not_shown_twice()
    {
        using var temp = new TemporaryFolder();
        var (_, folder) = TinyRun.Train(TinyRun.Options(temp));
        // A process that was killed between an epoch's record and its checkpoint: the checkpoint is the one before.
        File.Delete(Path.Combine(folder, "last.state"));
        TinyRun.Resume(folder);
        var all = EventRecords.Files(folder).SelectMany(EventRecords.Read).Count(record => record.Values.Count > 0);
        Assert.IsGreaterThan(2, all, "an epoch was done again");
        AssertTwoEpochs(folder);
    }

    [TestMethod]
    public void Half_a_record_at_the_end_does_no_harm()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var (_, folder) = TinyRun.Train(TinyRun.Options(temp), report =>
        {
            if (report is StepProgress { Epoch: 1 }) cancel.Cancel();
        }, cancel.Token);
        string first = EventRecords.Files(folder).Single();
        byte[] bytes = File.ReadAllBytes(first), torn = [.. bytes, .. bytes[..20]];
        File.WriteAllBytes(first, torn);
        TinyRun.Resume(folder);
        CollectionAssert.AreEqual(torn, File.ReadAllBytes(first), "a file of an earlier process is not written to");
        AssertTwoEpochs(folder);
    }

    [TestMethod]
    public void Files_stay_in_order_when_the_clock_is_set_back()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllText(temp["events.out.tfevents.9000000000.host"], "");
        EventFile.Create(temp.Path, firstStep: 4, FileOperations.Default);
        EventFile.Create(temp.Path, firstStep: 7, FileOperations.Default);
        Assert.HasCount(3, EventRecords.Files(temp.Path));
        Assert.AreEqual(7, EventRecords.Read(EventRecords.Files(temp.Path)[^1])[1].Step);
    }

    [TestMethod]
    public void The_checksum_is_that_of_the_standard()
    {
        // RFC 3720, B.4: the CRC-32C of 32 zeros is 8A9136AA; of the digits 1 to 9 it is E3069283.
        Assert.AreEqual(Mask(0x8A9136AA), EventFile.MaskedCrc32C(new byte[32]));
        Assert.AreEqual(Mask(0xE3069283), EventFile.MaskedCrc32C("123456789"u8));

        static uint Mask(uint crc) => ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static void AssertTwoEpochs(string folder)
    {
        var shown = EventRecords.Shown(folder);
        CollectionAssert.AreEqual(Tags, shown.Keys.Order(StringComparer.Ordinal).ToArray());
        string[] rows = File.ReadAllLines(Path.Combine(folder, "summary.csv"))[1..];
        foreach (var (tag, series) in shown) CollectionAssert.AreEqual(new long[] { TinyRun.StepsPerEpoch, 2 * TinyRun.StepsPerEpoch }, series.Select(point => point.Step).ToArray(), tag);
        for (int epoch = 0; epoch < 2; epoch++)
            Assert.AreEqual((float)double.Parse(rows[epoch].Split(',')[1], CultureInfo.InvariantCulture), shown["Loss/train"][epoch].Value);
    }
}
