using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>Runs on a data set of an app's own.</summary>
[TestClass]
public sealed class OwnDataTests
{
    private static readonly string[] Names = ["disc", "ring \"thick\"", "三角"];

    [TestMethod]
    [DataRow("cpu")]
    [DataRow("reference")]
    public void The_run_and_its_weights_carry_the_set_and_its_classes(string device)
    {
        using var folder = new TemporaryFolder();
        var data = Own("shapes", 3);
        using var trainer = Trainer.Start(Options(folder) with { Device = device, Epochs = 1 }, data);
        var result = trainer.Run();
        StringAssert.EndsWith(trainer.Folder.Name, "-shapes");
        Assert.AreEqual(3, trainer.Network.Architecture.Classes);
        Assert.AreEqual("shapes", trainer.Folder.ReadOptions().Dataset);

        var file = WeightsFile.Load(trainer.Folder.LastWeightsFile);
        Assert.AreEqual(3, file.Architecture.Classes);
        Assert.AreEqual("shapes", file.Origin.Dataset);
        CollectionAssert.AreEqual(Names, file.ClassNames!.ToArray());
        using var network = new ResNet(file.Architecture, new() { Training = false, BatchSize = 8, Normalization = file.Normalization, Device = trainer.Network.Options.Device });
        network.Load(file.State);
        Assert.AreEqual(result.Final!.Wrong, Evaluator.Run(network, data.Test).Wrong);
    }

    [TestMethod]
    public void A_stopped_run_goes_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var data = Own("shapes", 3);
        string expected;
        using (var whole = Trainer.Start(Options(folder), data)) expected = whole.Run().WeightsSha256;

        using var stop = new CancellationTokenSource();
        string path;
        using (var trainer = Trainer.Start(Options(folder), data))
        {
            path = trainer.Folder.Path;
            Assert.IsTrue(trainer.Run(new TinyRun.Watcher(report => { if (report is StepProgress { Step: 2 }) stop.Cancel(); }), stop.Token).Interrupted);
        }
        using var resumed = Trainer.Resume(path, data);
        Assert.AreEqual(expected, resumed.Run().WeightsSha256);
    }

    [TestMethod]
    public void Another_set_does_not_go_on_with_the_run_and_the_folder_is_free_again()
    {
        using var folder = new TemporaryFolder();
        string path;
        using (var trainer = Trainer.Start(Options(folder), Own("shapes", 3)))
        {
            path = trainer.Folder.Path;
            trainer.Run(null, new CancellationToken(canceled: true));
        }
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => Trainer.Resume(path, Own("figures", 3)));
        StringAssert.Contains(e.Message, "the run was on the data set shapes, this is figures");
        Assert.ThrowsExactly<WeightsException>(() => Trainer.Resume(path, Own("shapes", 4)));
        RunFolder.Open(path).Dispose();
    }

    [TestMethod]
    public void Weights_of_other_classes_are_refused_as_initial_ones()
    {
        using var folder = new TemporaryFolder();
        string weights;
        using (var trainer = Trainer.Start(Options(folder) with { Epochs = 1 }, Own("shapes", 3)))
        {
            trainer.Run();
            weights = trainer.Folder.LastWeightsFile;
        }
        var e = Assert.ThrowsExactly<WeightsException>(() => Trainer.Start(TinyRun.Options(folder) with { InitialWeights = weights }, TinyRun.Data));
        StringAssert.Contains(e.Message, "the weights are for 3 classes, the network has 10");
    }

    [TestMethod]
    public async Task The_locator_says_that_only_the_app_has_the_set()
    {
        var e = await Assert.ThrowsExactlyAsync<InvalidSettingException>(() => DataLocator.LoadAsync(new() { DataSet = "shapes", Offline = true }));
        StringAssert.Contains(e.Message, "shapes: allowed are auto, cifar10, synthetic; another set is an app's own, and only that app can load it");
    }

    [TestMethod]
    public void Without_mirroring_another_network_comes_out()
    {
        using var folder = new TemporaryFolder();
        var options = TinyRun.Options(folder) with { Epochs = 1 };
        Assert.AreNotEqual(TinyRun.Train(options).Result.WeightsSha256, TinyRun.Train(options with { NoFlip = true }).Result.WeightsSha256);
    }

    private static TrainOptions Options(TemporaryFolder folder) => TinyRun.Options(folder) with { Dataset = "auto", Name = null };

    /// <summary>The first classes of the synthetic set under another name.</summary>
    private static DataSet Own(string name, int classes)
    {
        var drawn = Synthetic.Create(60, 20);
        return new(name, First(drawn.Train, classes), First(drawn.Test, classes), "drawn", [.. Names, .. drawn.ClassNames.Skip(3).Take(classes - 3)]);
    }

    private static LabelledImages First(LabelledImages images, int classes)
    {
        var chosen = images.Select([.. Enumerable.Range(0, images.Count).Where(i => images.Labels[i] < classes)]);
        return new(chosen.Pixels, chosen.Labels, classes);
    }
}
