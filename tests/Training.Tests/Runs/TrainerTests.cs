using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class TrainerTests
{
    [TestMethod]
    public void A_run_writes_its_folder_and_reports_each_step_and_epoch()
    {
        using var temp = new TemporaryFolder();
        var reports = new List<TrainProgress>();
        var (result, folder) = TinyRun.Train(TinyRun.Options(temp), reports.Add);

        Assert.AreEqual("tiny-SYNTHETIC", Path.GetFileName(folder));
        Assert.IsFalse(result.Interrupted);
        Assert.AreEqual((2, 6L), (result.EpochsDone, result.StepsDone));
        var rows = File.ReadAllLines(Path.Combine(folder, "summary.csv"));
        Assert.AreEqual(SummaryRow.Header, rows[0]);
        Assert.HasCount(3, rows);
        Assert.IsTrue(rows[2].EndsWith(result.WeightsSha256, StringComparison.Ordinal));
        CollectionAssert.AreEqual(rows[1..], reports.OfType<EpochProgress>().Select(report => report.Row.ToCsv()).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3) }, reports.OfType<StepProgress>().Select(report => (report.Epoch, report.Step)).ToArray());

        var last = WeightsFile.Load(Path.Combine(folder, "last.safetensors"));
        Assert.AreEqual(result.WeightsSha256, last.State.Sha256());
        Assert.AreEqual(new WeightsOrigin(2, result.Final!.Error, 1, "synthetic", result.StepsDone), last.Origin);
        var best = WeightsFile.Load(Path.Combine(folder, "best.safetensors"));
        Assert.AreEqual(result.BestError, best.Origin.TestError);
        Assert.AreEqual(result.BestEpoch + 1, best.Origin.Epoch);
        Assert.IsTrue(new[] { "args.json", "last.state", "run.log" }.All(file => File.Exists(Path.Combine(folder, file))));
        Assert.AreEqual("cpu", TrainOptions.FromJson(File.ReadAllText(Path.Combine(folder, "args.json"))).Device);
    }

    [TestMethod]
    public void The_weights_are_the_same_for_any_number_of_threads()
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Epochs = null, Iterations = 50, CheckpointEvery = 0, LogInterval = 50, BatchSize = 16 };
        Assert.AreEqual(TinyRun.Train(options with { Threads = 1 }).Result.WeightsSha256, TinyRun.Train(options with { Threads = 2 }).Result.WeightsSha256);
    }

    [TestMethod]
    public void A_network_learns_by_heart()
    {
        using var temp = new TemporaryFolder();
        var rows = new List<SummaryRow>();
        TinyRun.Train(TinyRun.Options(temp) with { Epochs = 40, Lr = 0.05, CheckpointEvery = 0, Crop = Model.Crop.None },
            report => { if (report is EpochProgress epoch) rows.Add(epoch.Row); });
        Assert.IsLessThan(0.5 * rows[0].TrainLoss, rows[^1].TrainLoss);
        Assert.IsLessThan(0.5, rows[^1].TrainError);
    }

    [TestMethod]
    public void The_estimate_leaves_the_run_as_it_is()
    {
        using var temp = new TemporaryFolder();
        using var trainer = Trainer.Start(TinyRun.Options(temp), TinyRun.Data);
        Assert.IsGreaterThan(TimeSpan.Zero, trainer.EstimatePaperTime());
        Assert.AreEqual(TinyRun.Train(TinyRun.Options(temp)).Result.WeightsSha256, trainer.Run().WeightsSha256);
        Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Run());
    }

    [TestMethod]
    public void Images_held_back_are_not_learnt_and_judge_the_epochs()
    {
        using var temp = new TemporaryFolder();
        var (result, folder) = TinyRun.Train(TinyRun.Options(temp) with { Validation = 5, TrainError = TrainErrorKind.Full });
        Assert.AreEqual(4, result.StepsDone); // 15 images: 8 and 7
        Assert.AreEqual(10, result.Final!.Images);
        string[] rows = File.ReadAllLines(Path.Combine(folder, "summary.csv"));
        Assert.AreEqual(SummaryRow.ValidationHeader, rows[0]);
        double fifths = double.Parse(rows[1].Split(',')[3]) * 5;
        Assert.AreEqual(Math.Round(fifths), fifths, 1e-9);
        Assert.IsNull(WeightsFile.Load(Path.Combine(folder, "best.safetensors")).Origin.TestError);
        var error = Assert.ThrowsExactly<InvalidSettingException>(() => Trainer.Start(TinyRun.Options(temp) with { Validation = 20 }, TinyRun.Data));
        StringAssert.Contains(error.Message, "0..19");
    }

    [TestMethod]
    public void Warm_up_ends_after_an_epoch_with_an_error_below_80_percent()
    {
        using var temp = new TemporaryFolder();
        var rates = new List<double>();
        var errors = new List<double>();
        var options = TinyRun.Options(temp) with { Epochs = 12, Milestones = [1000], Lr = 0.05, WarmupLr = 0.01, CheckpointEvery = 0, Crop = Model.Crop.None };
        TinyRun.Train(options, report =>
        {
            if (report is not EpochProgress epoch) return;
            rates.Add(epoch.Row.LearningRate);
            errors.Add(epoch.Row.TrainError);
        });
        int below = errors.FindIndex(error => error < 0.8);
        Assert.IsGreaterThanOrEqualTo(0, below, string.Join(' ', errors));
        Assert.IsLessThan(11, below);
        for (int epoch = 0; epoch < 12; epoch++) Assert.AreEqual(epoch <= below ? 0.01 : 0.05, rates[epoch], 1e-15, $"epoch {epoch}, error below 80 % after epoch {below}");
    }

    [TestMethod]
    public void A_run_can_begin_with_the_weights_of_another()
    {
        using var temp = new TemporaryFolder();
        string weights = Path.Combine(TinyRun.Train(TinyRun.Options(temp)).Folder, "last.safetensors");
        using var trainer = Trainer.Start(TinyRun.Options(temp) with { InitialWeights = weights }, TinyRun.Data);
        Assert.AreEqual(WeightsFile.Load(weights).State.Sha256(), trainer.Network.State().Sha256());
        var error = Assert.ThrowsExactly<WeightsException>(() => Trainer.Start(TinyRun.Options(temp) with { InitialWeights = weights, Depth = 14 }, TinyRun.Data));
        StringAssert.Contains(error.Message, "resnet14");
        Assert.ThrowsExactly<WeightsException>(() => Trainer.Start(TinyRun.Options(temp) with { InitialWeights = weights, Arch = Architecture.Plain }, TinyRun.Data));
    }

    [TestMethod]
    public void A_run_that_diverges_leaves_its_last_good_checkpoint()
    {
        using var temp = new TemporaryFolder();
        // Weights grow by a factor of about 100 with each step until float32 overflows.
        var options = TinyRun.Options(temp) with { Epochs = 20, Lr = 100, Milestones = [10_000], WeightDecay = 0.99, CheckpointEvery = 1 };
        var error = Assert.ThrowsExactly<DivergedException>(() => TinyRun.Train(options));
        StringAssert.Contains(error.Message, "step");
        var checkpoint = Checkpoint.Load(temp["tiny-SYNTHETIC", "last.state"]);
        Assert.IsGreaterThan(0, checkpoint.Step);
        Assert.IsTrue(checkpoint.State.Tensors.Concat(checkpoint.Momentum.Tensors).All(tensor => tensor.Values.All(float.IsFinite)));
        StringAssert.Contains(error.Message, $"of step {checkpoint.Step}");
        if (File.Exists(temp["tiny-SYNTHETIC", "last.safetensors"])) WeightsFile.Load(temp["tiny-SYNTHETIC", "last.safetensors"]);
    }
}
