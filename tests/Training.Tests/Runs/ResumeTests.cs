using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>However a run is stopped, it ends with the bytes of a run that was not.</summary>
[TestClass]
public sealed class ResumeTests
{
    private static TemporaryFolder? undisturbedFolder;
    private static string undisturbedHash = "";
    private static string[] undisturbedSummary = [];

    public static IEnumerable<object[]> Stops() => Enumerable.Range(0, 2 * TinyRun.StepsPerEpoch + 1).Select(step => new object[] { step });

    [ClassInitialize]
    public static void TrainUndisturbed(TestContext _)
    {
        undisturbedFolder = new();
        var (result, folder) = TinyRun.Train(TinyRun.Options(undisturbedFolder));
        undisturbedHash = result.WeightsSha256;
        undisturbedSummary = TinyRun.SummaryWithoutTimes(folder);
    }

    [ClassCleanup]
    public static void Remove() => undisturbedFolder?.Dispose();

    [TestMethod]
    [DynamicData(nameof(Stops))]
    public void Cancelled_after_a_step(int step)
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        if (step == 0) cancel.Cancel();
        var (stopped, folder) = TinyRun.Train(TinyRun.Options(temp), report =>
        {
            if (report is StepProgress at && at.Epoch * TinyRun.StepsPerEpoch + at.Step == step) cancel.Cancel();
        }, cancel.Token);
        Assert.IsTrue(stopped.Interrupted);
        Assert.AreEqual(step, stopped.StepsDone);
        Assert.AreEqual(step, Checkpoint.Load(Path.Combine(folder, "last.state")).Step);
        ResumedIsUndisturbed(folder);
    }

    [TestMethod]
    [DynamicData(nameof(Stops))]
    public void Killed_after_a_step(int step)
    {
        if (step == 0) return; // nothing is reported before the first step
        using var temp = new TemporaryFolder();
        Assert.ThrowsExactly<KilledException>(() => TinyRun.Train(TinyRun.Options(temp), report =>
        {
            if (report is StepProgress at && at.Epoch * TinyRun.StepsPerEpoch + at.Step == step) throw new KilledException();
        }));
        string folder = temp["tiny-SYNTHETIC"];
        File.AppendAllText(Path.Combine(folder, "summary.csv"), "1,0.5,"); // half a row, as a killed process leaves it
        ResumedIsUndisturbed(folder);
    }

    [TestMethod]
    public void Cancelled_again_and_again()
    {
        using var temp = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        string folder = TinyRun.Train(TinyRun.Options(temp), null, cancelled.Token).Folder;
        for (int step = 1; step <= 2 * TinyRun.StepsPerEpoch; step++)
        {
            using var cancel = new CancellationTokenSource();
            Assert.AreEqual(step, TinyRun.Resume(folder, report => { if (report is StepProgress) cancel.Cancel(); }, cancel.Token).StepsDone);
        }
        ResumedIsUndisturbed(folder);
    }

    [TestMethod]
    public void A_finished_run_is_only_evaluated()
    {
        using var temp = new TemporaryFolder();
        var (result, folder) = TinyRun.Train(TinyRun.Options(temp));
        var again = TinyRun.Resume(folder);
        Assert.AreEqual((result.WeightsSha256, result.Final!.Wrong, result.BestEpoch), (again.WeightsSha256, again.Final!.Wrong, again.BestEpoch));
        CollectionAssert.AreEqual(undisturbedSummary, TinyRun.SummaryWithoutTimes(folder));
    }

    [TestMethod]
    public void A_warm_up_that_is_over_stays_over_and_the_best_epoch_the_best()
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Epochs = 8, Milestones = [1000], Lr = 0.05, WarmupLr = 0.02, Crop = Model.Crop.None };
        bool warmedUp = false;
        var (whole, wholeFolder) = TinyRun.Train(options, report => warmedUp |= report is EpochProgress { Row: { Epoch: < 6, TrainError: < 0.8 } });
        Assert.IsTrue(warmedUp);
        using var cancel = new CancellationTokenSource();
        var (stopped, folder) = TinyRun.Train(options, report => { if (report is StepProgress { Epoch: 7, Step: 1 }) cancel.Cancel(); }, cancel.Token);
        Assert.AreEqual(7, stopped.EpochsDone);
        var resumed = TinyRun.Resume(folder);
        Assert.AreEqual((whole.WeightsSha256, whole.BestError, whole.BestEpoch), (resumed.WeightsSha256, resumed.BestError, resumed.BestEpoch));
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(wholeFolder), TinyRun.SummaryWithoutTimes(folder));
    }

    [TestMethod]
    public void Times_go_on_where_they_stopped()
    {
        using var temp = new TemporaryFolder();
        string folder = TinyRun.Train(TinyRun.Options(temp)).Folder;
        double before = Checkpoint.Load(Path.Combine(folder, "last.state")).ElapsedSeconds;
        Assert.IsGreaterThan(0, before);
        Assert.IsGreaterThanOrEqualTo(before, TinyRun.Resume(folder).Elapsed.TotalSeconds);
    }

    [TestMethod]
    public void Stopped_before_its_evaluation_an_epoch_still_says_how_long_the_rest_takes()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        string folder = TinyRun.Train(TinyRun.Options(temp), report => { if (report is StepProgress { Step: TinyRun.StepsPerEpoch }) cancel.Cancel(); }, cancel.Token).Folder;
        List<TrainProgress> reports = [];
        TinyRun.Resume(folder, reports.Add);
        var first = reports[0] as EpochProgress;
        Assert.IsNotNull(first, $"{reports[0]}");
        Assert.IsGreaterThan(TimeSpan.Zero, first.Remaining);
    }

    [TestMethod]
    public void A_full_disk_leaves_the_checkpoint_before_it()
    {
        using var temp = new TemporaryFolder();
        using (var trainer = Trainer.Start(TinyRun.Options(temp), TinyRun.Data))
        {
            // Room for two checkpoints: those of steps 0 and 2.
            trainer.Folder.Files = new FullDisk(1_500_000, "last.state.tmp");
            StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => trainer.Run()).Message, "No space left");
        }
        Assert.AreEqual(2, Checkpoint.Load(temp["tiny-SYNTHETIC", "last.state"]).Step);
        ResumedIsUndisturbed(temp["tiny-SYNTHETIC"]);
    }

    [TestMethod]
    public void A_damaged_checkpoint_is_replaced_by_the_one_before_it()
    {
        using var temp = new TemporaryFolder();
        string folder = TinyRun.Train(TinyRun.Options(temp)).Folder, state = Path.Combine(folder, "last.state");
        byte[] bytes = File.ReadAllBytes(state);
        bytes[^100] ^= 1;
        File.WriteAllBytes(state, bytes);
        using (var opened = RunFolder.Open(folder))
        using (var trainer = Trainer.Resume(opened, opened.ReadOptions(), TinyRun.Data))
            StringAssert.Contains(trainer.Notices.Single(), "previous.state");
        ResumedIsUndisturbed(folder);
    }

    [TestMethod]
    public void Another_network_or_data_set_is_refused()
    {
        using var temp = new TemporaryFolder();
        string path = TinyRun.Train(TinyRun.Options(temp)).Folder;
        using var folder = RunFolder.Open(path);
        var options = folder.ReadOptions();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidSettingException>(() => Trainer.Resume(folder, options with { Depth = 14, Seed = 3 }, TinyRun.Data)).Message, "depth, seed");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidSettingException>(() => Trainer.Resume(folder, options, Synthetic.Create(50, 10))).Message, "another size");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidSettingException>(() => Trainer.Resume(folder, options, new DataSet("others", TinyRun.Data.Train, TinyRun.Data.Test, "drawn", TinyRun.Data.ClassNames))).Message, "others");
    }

    private static void ResumedIsUndisturbed(string folder)
    {
        var result = TinyRun.Resume(folder);
        Assert.IsFalse(result.Interrupted);
        Assert.AreEqual(undisturbedHash, result.WeightsSha256);
        CollectionAssert.AreEqual(undisturbedSummary, TinyRun.SummaryWithoutTimes(folder));
        Assert.AreEqual(undisturbedHash, WeightsFile.Load(Path.Combine(folder, "last.safetensors")).State.Sha256());
    }

    private sealed class KilledException : Exception;
}
