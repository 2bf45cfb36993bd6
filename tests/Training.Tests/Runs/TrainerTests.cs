using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class TrainerTests
{
    [TestMethod]
    public void A_run_writes_its_folder()
    {
        using var temp = new TempFolder();
        var epochs = new List<EpochProgress>();
        var (result, folder) = TinyRun.Train(TinyRun.Options(temp), report => { if (report is EpochProgress epoch) epochs.Add(epoch); });
        Assert.AreEqual("tiny-SYNTHETIC", Path.GetFileName(folder));
        Assert.IsFalse(result.Interrupted);
    }
}
