using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A worker thread that throws in the middle of a run: the run ends with what it threw, and goes on from its last checkpoint.</summary>
[TestClass]
public sealed class WorkerFaultTests
{
    [TestMethod]
    [Timeout(60_000)]
    [DataRow(0)]
    [DataRow(2)]
    [DataRow(-1)]
    public void The_last_checkpoint_is_whole_and_leads_to_the_undisturbed_weights(int thread)
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Threads = 3, CheckpointEvery = 1 };
        string expected = TinyRun.Train(options with { Name = "undisturbed" }).Result.WeightsSha256;
        for (int fault = 1; fault < 2 * TinyRun.StepsPerEpoch; fault++)
        {
            FaultyWorkers device = null!;
            string folder;
            using (var trainer = Trainer.StartWith(options with { Name = $"fault{fault}" }, TinyRun.Data, FaultyWorkers.Networks(made => device = made)))
            {
                folder = trainer.Folder.Path;
                int reports = 0;
                Assert.ThrowsExactly<FaultyWorkers.KernelException>(() => trainer.Run(new TinyRun.Watcher(report =>
                {
                    if (report is StepProgress && ++reports == fault) device.Fault = (device.Layers[fault], fault % 2 == 0, thread);
                })));
            }
            Assert.IsGreaterThanOrEqualTo(fault - 1, Checkpoint.Load(Path.Combine(folder, "last.state")).Step);
            Assert.AreEqual(expected, TinyRun.Resume(folder).WeightsSha256, $"fault {fault}");
        }
    }
}
