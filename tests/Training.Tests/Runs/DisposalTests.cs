using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A trainer that is disposed too often, too early, or used too late.</summary>
[TestClass]
public sealed class DisposalTests
{
    [TestMethod]
    [DataRow("cpu")]
    [DataRow("reference")]
    public void Disposed_twice_is_disposed_once_and_a_run_afterwards_is_refused(string device)
    {
        using var temp = new TemporaryFolder();
        var trainer = Trainer.Start(TinyRun.Options(temp) with { Device = device, Threads = 3 }, TinyRun.Data);
        trainer.Dispose();
        trainer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => trainer.Run());
        Assert.ThrowsExactly<ObjectDisposedException>(() => trainer.EstimatePaperTime());
        Assert.ThrowsExactly<ObjectDisposedException>(() => trainer.Network.State());
        RunFolder.Open(trainer.Folder.Path).Dispose();
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Disposed_while_it_runs_it_saves_ends_and_lets_go(bool onOtherThread)
    {
        using var temp = new TemporaryFolder();
        string expected = TinyRun.Train(TinyRun.Options(temp) with { Name = "undisturbed" }).Result.WeightsSha256;
        var trainer = Trainer.Start(TinyRun.Options(temp), TinyRun.Data);
        var result = await trainer.RunAsync(new TinyRun.Watcher(report =>
        {
            if (report is not StepProgress { Epoch: 0, Step: 1 }) return;
            if (onOtherThread) Task.Run(trainer.Dispose).Wait();
            else trainer.Dispose();
            trainer.Dispose();
        }));
        Assert.IsTrue(result.Interrupted);
        Assert.AreEqual(1, result.StepsDone);
        Assert.ThrowsExactly<ObjectDisposedException>(() => trainer.Network.State());
        Assert.AreEqual(expected, TinyRun.Resume(trainer.Folder.Path).WeightsSha256);
    }
}
