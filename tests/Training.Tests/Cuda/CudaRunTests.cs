using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Training.Tests.Cuda;

/// <summary>Whole runs on the emulator.</summary>
[TestClass]
public sealed class CudaRunTests : EmulatedGpuTests
{
    [TestInitialize]
    public void NeedsTheEmulator() => _ = Emulator.Folder;

    [TestMethod]
    public void A_run_says_that_it_was_emulated_and_tells_no_speed()
    {
        using var temp = new TemporaryFolder();
        var speeds = new List<double>();
        var (result, folder) = TinyRun.Train(Options(temp), report =>
        {
            if (report is StepProgress step) speeds.Add(step.ImagesPerSecond);
            if (report is EpochProgress epoch) speeds.Add(epoch.Row.ImagesPerSecond);
        });
        Assert.AreEqual("tiny-SYNTHETIC-EMULATED", Path.GetFileName(folder));
        Assert.HasCount(8, speeds);
        Assert.IsTrue(speeds.Append(result.ImagesPerSecond).All(double.IsNaN));
        string[] names = SummaryRow.Header.Split(','), cells = File.ReadAllLines(Path.Combine(folder, "summary.csv"))[1].Split(',');
        Assert.AreEqual("", cells[Array.IndexOf(names, "images_per_second")]);
        Assert.IsFalse(EventRecords.Shown(folder).ContainsKey("Throughput"));
        string log = File.ReadAllText(Path.Combine(folder, "run.log"));
        StringAssert.Contains(log, "emulator (not hardware)");
        Assert.DoesNotContain("img/s", log);
    }

    [TestMethod]
    public void A_run_without_graphs_gives_the_same_bytes()
    {
        using var temp = new TemporaryFolder();
        var options = Options(temp) with { Epochs = 3 };
        var (expected, expectedFolder) = TinyRun.Train(options with { NoGraph = true });
        Assert.AreEqual(0, Emulator.Counters.Captures);
        var (result, folder) = TinyRun.Train(options);
        Assert.AreEqual(4, Emulator.Counters.Captures); // training batches of 8 and 4, evaluated ones of 8 and 2
        Assert.AreEqual(expected.WeightsSha256, result.WeightsSha256);
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(expectedFolder), TinyRun.SummaryWithoutTimes(folder));
    }

    [TestMethod]
    public void Stopped_and_killed_it_goes_on_to_the_same_bytes()
    {
        using var temp = new TemporaryFolder();
        var (whole, wholeFolder) = TinyRun.Train(Options(temp));
        using var cancel = new CancellationTokenSource();
        var (stopped, folder) = TinyRun.Train(Options(temp), report => { if (report is StepProgress { Epoch: 0, Step: 1 }) cancel.Cancel(); }, cancel.Token);
        Assert.IsTrue(stopped.Interrupted);
        Assert.IsTrue(stopped.StepsDone is 1 or 2, $"{stopped.StepsDone} steps: the report of a step may come one step later");
        var checkpoint = Checkpoint.Load(Path.Combine(folder, "last.state"));
        Assert.AreEqual("cuda", checkpoint.Device);
        Assert.IsNotEmpty(checkpoint.Algorithms!.Algorithms);

        Assert.ThrowsExactly<NotSupportedException>(() => TinyRun.Resume(folder, report => { if (report is StepProgress { Epoch: 1, Step: 2 }) throw new NotSupportedException("killed"); }));
        var resumed = TinyRun.Resume(folder);
        Assert.AreEqual(whole.WeightsSha256, resumed.WeightsSha256);
        CollectionAssert.AreEqual(TinyRun.SummaryWithoutTimes(wholeFolder), TinyRun.SummaryWithoutTimes(folder));
    }

    [TestMethod]
    public void A_checkpoint_of_the_processor_goes_on_on_the_GPU_and_back()
    {
        using var temp = new TemporaryFolder();
        var (whole, _) = TinyRun.Train(Options(temp) with { Device = "cpu", Epochs = 3, Name = "whole" });
        var losses = new List<double>();
        string folder = "";
        foreach (string device in new[] { "cpu", "cuda", "cpu" })
        {
            using var cancel = new CancellationTokenSource();
            if (folder.Length == 0)
            {
                folder = TinyRun.Train(Options(temp) with { Device = device, Epochs = 3 }, StopAfterEpoch(cancel, losses), cancel.Token).Folder;
                continue;
            }
            using var opened = RunFolder.Open(folder);
            using var trainer = Trainer.Resume(opened, opened.ReadOptions() with { Device = device }, TinyRun.Data);
            StringAssert.Contains(trainer.Notices.Single(), $"the run goes on with {device}");
            trainer.Run(new TinyRun.Watcher(StopAfterEpoch(cancel, losses)), cancel.Token);
        }
        Assert.HasCount(3, losses);
        // A few steps of the same arithmetic with other rounding.
        double[] expected = [.. File.ReadAllLines(temp["whole-SYNTHETIC", "summary.csv"]).Skip(1).Select(row => double.Parse(row.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];
        for (int epoch = 0; epoch < 3; epoch++) Assert.AreEqual(expected[epoch], losses[epoch], 1e-3 * expected[epoch], $"loss of epoch {epoch}");
        Assert.AreEqual(9, whole.StepsDone);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void In_an_epoch_the_host_gives_a_graph_for_each_step_and_copies_64_bytes_for_each_report(bool early)
    {
        Emulator.Start(early ? EmulatorOrder.Early : EmulatorOrder.Late);
        using var temp = new TemporaryFolder();
        var data = Synthetic.Create(trainCount: 64, testCount: 2);
        var seen = new List<(int Step, EmulatorCounters Counters)>();
        var options = Options(temp) with { Epochs = 1, BatchSize = 2, LogInterval = 5, CheckpointEvery = 0 };
        using (var trainer = Trainer.Start(options, data))
            trainer.Run(new TinyRun.Watcher(report => { if (report is StepProgress step) seen.Add((step.Step, Emulator.Counters)); }));
        CollectionAssert.AreEqual(new[] { 5, 10, 15, 20, 25, 30, 32 }, seen.Select(report => report.Step).ToArray());
        for (int i = 2; i < 5; i++)
        {
            EmulatorCounters asked = seen[i].Counters.Since(seen[i - 1].Counters).Asked with { Queries = 0 };
            Assert.AreEqual(
                new EmulatorCounters { GraphLaunches = 5, DownloadCopies = 1, DownloadBytes = 64, EventRecords = 1 },
                asked, $"between the reports of steps {seen[i - 1].Step} and {seen[i].Step}");
        }
    }

    [TestMethod]
    [TestCategory("Long")]
    public void An_epoch_whose_last_batch_has_80_images_and_an_evaluation_whose_last_has_16()
    {
        using var temp = new TemporaryFolder();
        var data = Synthetic.Create(trainCount: 128 + 80, testCount: 128 + 16);
        var options = Options(temp) with { Epochs = 3, BatchSize = 128, Lr = 0.01, CheckpointEvery = 0 };
        var rows = new Dictionary<string, List<SummaryRow>>();
        foreach (string device in new[] { "cuda", "reference" })
        {
            rows[device] = [];
            using var trainer = Trainer.Start(options with { Device = device }, data);
            var result = trainer.Run(new TinyRun.Watcher(report => { if (report is EpochProgress epoch) rows[device].Add(epoch.Row); }));
            Assert.AreEqual(144, result.Final!.Images);
        }
        // Three epochs that run freely: what rounding a step has grows with the steps.
        foreach (var (cuda, reference) in rows["cuda"].Zip(rows["reference"]))
        {
            Assert.AreEqual(reference.TrainLoss, cuda.TrainLoss, 1e-4 * reference.TrainLoss, $"training loss of epoch {cuda.Epoch}");
            Assert.AreEqual(reference.TestLoss, cuda.TestLoss, 1e-3 * reference.TestLoss, $"test loss of epoch {cuda.Epoch}");
            Assert.AreEqual(reference.TrainError, cuda.TrainError, 1.5 / 208, $"training error of epoch {cuda.Epoch}");
        }
    }

    private static TrainOptions Options(TemporaryFolder temp) => TinyRun.Options(temp) with { Device = "cuda" };

    private static Action<TrainProgress> StopAfterEpoch(CancellationTokenSource cancel, List<double> losses) => report =>
    {
        if (report is not EpochProgress epoch) return;
        losses.Add(epoch.Row.TrainLoss);
        cancel.Cancel();
    };
}
