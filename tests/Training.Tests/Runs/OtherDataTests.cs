using CudnnResNet.Model;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>Files of the data set that change while a run goes on, or between its stop and its resumption.</summary>
[TestClass]
public sealed class OtherDataTests
{
    private const int Steps = 4;

    [TestMethod]
    public void Files_that_are_replaced_under_a_run_change_nothing()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp["data"]);
        string expected = Train(temp, "undisturbed").WeightsSha256;
        var result = Train(temp, "disturbed", progress =>
        {
            if (progress is not StepProgress { Step: 1, Epoch: 0 }) return;
            File.WriteAllBytes(temp["data", "data_batch_1.bin"], [1, 2, 3]);
            File.Delete(temp["data", "test_batch.bin"]);
        });
        Assert.AreEqual(expected, result.WeightsSha256);
        Assert.Contains("truncated", Assert.ThrowsExactly<DataException>(() => Read(temp)).Message);
    }

    [TestMethod]
    [DataRow("data_batch_1.bin", 0, "the label of the first training image")]
    [DataRow("data_batch_5.bin", CifarFiles.Records * Cifar10.RecordBytes - 1, "the last pixel of the last training image")]
    [DataRow("test_batch.bin", 1, "the first pixel of the first test image")]
    public void A_run_does_not_go_on_with_other_images_and_says_which(string file, int at, string what)
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp["data"]);
        string run = Stopped(temp), before = Read(temp).Sha256(), path = temp["data", file];
        byte[] bytes = File.ReadAllBytes(path), changed = [.. bytes];
        changed[at] ^= 1;
        File.WriteAllBytes(path, changed);

        var error = Assert.ThrowsExactly<DataException>(() => Trainer.Resume(run, Read(temp)), what);
        foreach (string part in (string[])[before, Read(temp).Sha256(), temp["data"], "cifar10"]) Assert.Contains(part, error.Message);
        Assert.AreNotEqual(before, Read(temp).Sha256());

        // The refusal has let go of the folder and changed nothing: with its own data the run goes on.
        File.WriteAllBytes(path, bytes);
        using var trainer = Trainer.Resume(run, Read(temp));
        Assert.AreEqual(2 * Steps, trainer.Run().StepsDone);
    }

    [TestMethod]
    public void The_same_images_from_another_folder_are_the_same_data()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp["data"]);
        string run = Stopped(temp);
        Directory.Move(temp["data"], temp["elsewhere"]);
        using var trainer = Trainer.Resume(run, Cifar10.Read(temp["elsewhere"], CifarFiles.Records));
        Assert.AreEqual(2 * Steps, trainer.Run().StepsDone);
    }

    [TestMethod]
    public void A_checkpoint_of_a_program_that_did_not_keep_it_goes_on()
    {
        using var temp = new TemporaryFolder();
        CifarFiles.Write(temp["data"]);
        string run = Stopped(temp), state = Path.Combine(run, "last.state");
        var checkpoint = Checkpoint.Load(state);
        Assert.AreEqual(Read(temp).Sha256(), checkpoint.DataSha256);
        (checkpoint with { DataSha256 = null }).Save(state);
        Assert.IsNull(Checkpoint.Load(state).DataSha256);
        using (var trainer = Trainer.Resume(run, Read(temp))) trainer.Run();
        Assert.AreEqual(Read(temp).Sha256(), Checkpoint.Load(state).DataSha256, "from now on it is kept");
    }

    private static DataSet Read(TemporaryFolder temp) => Cifar10.Read(temp["data"], CifarFiles.Records);

    private static TrainOptions Options(TemporaryFolder temp, string name) =>
        TinyRun.Options(temp) with { Dataset = Cifar10.Name, Recipe = Recipe.Fast, BatchSize = 5 * CifarFiles.Records / Steps, Name = name };

    private static TrainResult Train(TemporaryFolder temp, string name, Action<TrainProgress>? watch = null, CancellationToken cancellation = default)
    {
        using var trainer = Trainer.Start(Options(temp, name), Read(temp));
        return trainer.Run(new TinyRun.Watcher(watch ?? (_ => { })), cancellation);
    }

    private static string Stopped(TemporaryFolder temp)
    {
        using var stop = new CancellationTokenSource();
        Assert.IsTrue(Train(temp, "run", progress => { if (progress is StepProgress { Step: 3 }) stop.Cancel(); }, stop.Token).Interrupted);
        return temp["run"];
    }
}
