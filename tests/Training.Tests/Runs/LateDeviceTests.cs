using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A device that runs behind the host changes when a run is told of, and nothing else.</summary>
[TestClass]
public sealed class LateDeviceTests
{
    private const int Never = int.MaxValue / 2; // not before somebody waits
    private static readonly DataSet LongEpoch = Synthetic.Create(trainCount: 20, testCount: 2);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(Never)]
    public void The_run_is_the_same(int lateness)
    {
        using var temp = new TemporaryFolder();
        var (options, before, late) = (TinyRun.Options(temp) with { BatchSize = 2 }, new List<StepProgress>(), new List<StepProgress>());
        var (expected, expectedFolder) = TinyRun.Train(options, report => { if (report is StepProgress step) before.Add(step); });
        var (result, folder) = Train(options, TinyRun.Data, LateDevice.Networks(lateness), report => { if (report is StepProgress step) late.Add(step); });

        Assert.AreEqual(expected.WeightsSha256, result.WeightsSha256);
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(expectedFolder), TinyRun.SummaryWithoutTimes(folder));
        CollectionAssert.AreEqual(before.Select(WithoutTimes).ToArray(), late.Select(WithoutTimes).ToArray());
        foreach (string file in new[] { "last.state", Checkpoint.PreviousName })
        {
            Checkpoint one = Checkpoint.Load(Path.Combine(expectedFolder, file)), other = Checkpoint.Load(Path.Combine(folder, file));
            Assert.AreEqual((one.Step, one.StepInEpoch, one.EpochTotals, one.State.Sha256(), one.SummaryRows), (other.Step, other.StepInEpoch, other.EpochTotals, other.State.Sha256(), other.SummaryRows));
            Checkpoints.Checkpoints.AreEqual(one.Momentum, other.Momentum);
        }
    }

    [TestMethod]
    public void The_host_is_two_intervals_ahead_at_most()
    {
        using var temp = new TemporaryFolder();
        LateDevice device = null!;
        var options = TinyRun.Options(temp) with { Epochs = 1, BatchSize = 1, LogInterval = 4, CheckpointEvery = 0 };
        Train(options, LongEpoch, LateDevice.Networks(Never, made => device = made));
        Assert.AreEqual(8, device.MostAhead);
        Assert.AreEqual(2, device.MostOpen);
        Assert.AreEqual(5, device.Waits); // reports after 4, 8, 12, 16 and 20 steps
    }

    [TestMethod]
    public void The_host_waits_for_no_answer_that_comes_in_time()
    {
        using var temp = new TemporaryFolder();
        LateDevice device = null!;
        var reports = new List<(int Step, int Given)>();
        var options = TinyRun.Options(temp) with { Epochs = 1, BatchSize = 1, LogInterval = 4, CheckpointEvery = 0 };
        Train(options, LongEpoch, LateDevice.Networks(3, made => device = made), report => { if (report is StepProgress step) reports.Add((step.Step, device.Given)); });
        CollectionAssert.AreEqual(new[] { (4, 7), (8, 11), (12, 15), (16, 19), (20, 20) }, reports);
        Assert.AreEqual(1, device.Waits); // at the end of the epoch
    }

    [TestMethod]
    public void Time_in_which_the_host_reports_and_the_device_goes_on_is_time_of_training()
    {
        using var temp = new TemporaryFolder();
        var pause = TimeSpan.FromMilliseconds(250);
        var options = TinyRun.Options(temp) with { Epochs = 1, BatchSize = 1, LogInterval = 4, CheckpointEvery = 0 };
        var (_, folder) = Train(options, LongEpoch, LateDevice.Networks(Never), report => { if (report is StepProgress { Step: < 20 }) Thread.Sleep(pause); });
        Assert.IsGreaterThanOrEqualTo(4 * pause.TotalSeconds, Checkpoint.Load(Path.Combine(folder, "last.state")).TrainingSeconds);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(5)]
    public void A_run_cancelled_while_the_device_is_behind_is_saved_after_the_steps_it_was_given(int reportsBefore)
    {
        using var temp = new TemporaryFolder();
        LateDevice device = null!;
        using var cancel = new CancellationTokenSource();
        if (reportsBefore == 0) cancel.Cancel();
        var options = TinyRun.Options(temp) with { BatchSize = 2, CheckpointEvery = 0 };
        int reports = 0;
        var (stopped, folder) = Train(options, TinyRun.Data, LateDevice.Networks(Never, made => device = made), report =>
        {
            if (report is StepProgress && ++reports == reportsBefore) cancel.Cancel();
        }, cancel.Token);
        Assert.IsTrue(stopped.Interrupted);
        Assert.AreEqual(device.Given, stopped.StepsDone);
        Assert.AreEqual(reportsBefore == 0 ? 0 : reportsBefore + 1, stopped.StepsDone, "the report of a step comes one step later here");
        var checkpoint = Checkpoint.Load(Path.Combine(folder, "last.state"));
        Assert.AreEqual((stopped.StepsDone, 2 * stopped.StepsDone), (checkpoint.Step, checkpoint.EpochTotals.Images));

        var whole = TinyRun.Train(options);
        using var opened = RunFolder.Open(folder);
        using var trainer = Trainer.ResumeWith(opened, opened.ReadOptions(), TinyRun.Data, LateDevice.Networks(2));
        Assert.AreEqual(whole.Result.WeightsSha256, trainer.Run().WeightsSha256);
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(whole.Folder), TinyRun.SummaryWithoutTimes(folder));
    }

    [TestMethod]
    public void Cancelled_between_two_reports_it_is_saved_with_what_all_its_steps_have_counted()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var options = TinyRun.Options(temp) with { Epochs = 1, BatchSize = 1, LogInterval = 4, CheckpointEvery = 0 };
        var (stopped, folder) = Train(options, LongEpoch, LateDevice.Networks(3), report => { if (report is StepProgress) cancel.Cancel(); }, cancel.Token);
        Assert.AreEqual(7, stopped.StepsDone); // the report of 4 steps comes 3 steps later
        var checkpoint = Checkpoint.Load(Path.Combine(folder, "last.state"));
        Assert.AreEqual((7L, 7L), (checkpoint.Step, checkpoint.EpochTotals.Images));
    }

    [TestMethod]
    public void A_divergence_is_told_by_step_and_tensor_and_nothing_is_saved_after_it()
    {
        using var temp = new TemporaryFolder();
        // Weights grow by a factor of about 100 with each step until float32 overflows.
        var options = TinyRun.Options(temp) with { BatchSize = 1, Lr = 100, Milestones = [10_000], WeightDecay = 0.99, CheckpointEvery = 0, LogInterval = 1 };
        var atOnce = Assert.ThrowsExactly<DivergedException>(() => TinyRun.Train(options with { Name = "at-once" }));
        string found = atOnce.Message[..atOnce.Message.IndexOf("; the last good", StringComparison.Ordinal)];
        LateDevice device = null!;
        var late = Assert.ThrowsExactly<DivergedException>(() => Train(options with { Name = "late", LogInterval = 3 }, TinyRun.Data, LateDevice.Networks(Never, made => device = made)));
        StringAssert.StartsWith(late.Message, found);
        StringAssert.Contains(found, "is not finite, the first in that step is ");
        Assert.IsGreaterThan(int.Parse(found.Split(' ')[3]), device.Given, "the device was given more steps before the host knew");
        Assert.AreEqual(0, Checkpoint.Load(temp["late-SYNTHETIC", "last.state"]).Step);
    }

    [TestMethod]
    public void A_checkpoint_goes_on_on_another_device_with_a_notice()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var (stopped, folder) = TinyRun.Train(TinyRun.Options(temp), report => { if (report is StepProgress { Step: 2 }) cancel.Cancel(); }, cancel.Token);
        Assert.AreEqual("cpu", Checkpoint.Load(Path.Combine(folder, "last.state")).Device);
        CollectionAssert.AreEqual(Array.Empty<string>(), Notices("cpu"));
        var notices = Notices("reference");
        Assert.HasCount(1, notices);
        StringAssert.Contains(notices[0], "of device cpu, the run goes on with reference");
        Assert.AreEqual("reference", Checkpoint.Load(Path.Combine(folder, "last.state")).Device);

        string[] Notices(string device)
        {
            using var opened = RunFolder.Open(folder);
            using var trainer = Trainer.Resume(opened, opened.ReadOptions() with { Device = device }, TinyRun.Data);
            if (device == "reference") Assert.AreEqual(6, trainer.Run().StepsDone);
            return [.. trainer.Notices];
        }
    }

    private static object WithoutTimes(StepProgress step) => step with { ImagesPerSecond = 0, Remaining = TimeSpan.Zero };

    private static (TrainResult Result, string Folder) Train(
        TrainOptions options, DataSet data, Func<ArchitectureSpec, NetworkOptions, ResNet> make, Action<TrainProgress>? watch = null, CancellationToken cancellation = default)
    {
        using var trainer = Trainer.StartWith(options, data, make);
        return (trainer.Run(new TinyRun.Watcher(watch ?? (_ => { })), cancellation), trainer.Folder.Path);
    }
}
