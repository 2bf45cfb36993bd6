using CudnnResNet.Model;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class TrainOptionsTests
{
    public static IEnumerable<object[]> Refused()
    {
        yield return ["depth 21", new TrainOptions { Depth = 21 }];
        yield return ["device 'gpu'", new TrainOptions { Device = "gpu" }];
        yield return ["threads 257", new TrainOptions { Threads = 257 }];
        yield return ["batch size 0", new TrainOptions { BatchSize = 0 }];
        yield return ["batch size 4097", new TrainOptions { BatchSize = 4097 }];
        yield return ["epochs -1", new TrainOptions { Epochs = -1 }];
        yield return ["epochs 0", new TrainOptions { Epochs = 0 }];
        yield return ["iterations 0", new TrainOptions { Iterations = 0 }];
        yield return ["twice", new TrainOptions { Epochs = 1, Iterations = 1 }];
        yield return ["lr NaN", new TrainOptions { Lr = double.NaN }];
        yield return ["lr 0", new TrainOptions { Lr = 0 }];
        yield return ["lr -0.1", new TrainOptions { Lr = -0.1 }];
        yield return ["warmup-lr Infinity", new TrainOptions { WarmupLr = double.PositiveInfinity }];
        yield return ["gamma 1.5", new TrainOptions { Gamma = 1.5 }];
        yield return ["momentum 1", new TrainOptions { Momentum = 1 }];
        yield return ["weight-decay NaN", new TrainOptions { WeightDecay = double.NaN }];
        yield return ["milestones 48000,32000", new TrainOptions { Milestones = [48_000, 32_000] }];
        yield return ["milestones 0", new TrainOptions { Milestones = [0] }];
        yield return ["validation -1", new TrainOptions { Validation = -1 }];
        yield return ["checkpoint-every -1", new TrainOptions { CheckpointEvery = -1 }];
        yield return ["log-interval 0", new TrainOptions { LogInterval = 0 }];
        yield return ["normalize 'minmax'", new TrainOptions { Normalize = "minmax" }];
        yield return ["dataset 'my set'", new TrainOptions { Dataset = "my set" }];
        yield return ["output is empty", new TrainOptions { Output = "" }];
        yield return ["name '../up'", new TrainOptions { Name = "../up" }];
        yield return ["name 'a?[2Jb'", new TrainOptions { Name = "a\u001b[2Jb" }];
        yield return ["longer than 200 bytes", new TrainOptions { Name = new string('n', 201) }];
    }

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void A_value_out_of_range_is_named(string named, TrainOptions options)
    {
        var error = Assert.ThrowsExactly<InvalidSettingException>(options.Check);
        StringAssert.Contains(error.Message, named);
        Assert.DoesNotContain('\n', error.Message);
    }

    [TestMethod]
    public void The_defaults_are_allowed() => new TrainOptions().Check();

    [TestMethod]
    public void What_is_written_is_read_again()
    {
        var options = new TrainOptions
        {
            Depth = 32, Arch = Architecture.Plain, Shortcut = ShortcutPadding.Centred, Device = "cuda:1", Threads = 3, Dataset = "cifar10", Data = "d", Offline = true,
            Recipe = Recipe.Paper, Iterations = 5, BatchSize = 7, Lr = 1.0 / 3, Momentum = 0.1, WeightDecay = 1e-4, Milestones = [1, 2], Gamma = 0.2, WarmupLr = 0.3,
            Normalize = "pixel", Crop = Crop.Five, Validation = 5, Seed = ulong.MaxValue, Output = "o", Name = "n", InitialWeights = "w", CheckpointEvery = 9,
            TrainError = TrainErrorKind.Full, LogInterval = 8, Profile = true,
        };
        var read = TrainOptions.FromJson(options.ToJson());
        CollectionAssert.AreEqual(options.Milestones.ToArray(), read.Milestones!.ToArray());
        Assert.AreEqual(options, read with { Milestones = options.Milestones });
        StringAssert.Contains(options.ToJson(), "\"batch-size\": 7");
        StringAssert.Contains(options.ToJson(), "\"arch\": \"plain\"");
        StringAssert.Contains((options with { Shortcut = ShortcutPadding.Reshape }).ToJson(), "\"shortcut\": \"reshape\"");
    }

    [TestMethod]
    public void What_is_not_named_keeps_its_default()
    {
        Assert.AreEqual(new TrainOptions(), TrainOptions.FromJson("{}"));
        Assert.AreEqual(new TrainOptions { Depth = 56 }, TrainOptions.FromJson("{ /* the paper's */ \"depth\": 56, }"));
    }

    [TestMethod]
    [DataRow("{\"dept\": 20}", "dept")]
    [DataRow("{\"depth\": \"deep\"}", "depth")]
    [DataRow("{\"arch\": \"vgg\"}", "arch")]
    [DataRow("{\"depth\": 20, \"depth\": 32}", "depth")]
    [DataRow("[]", "")]
    [DataRow("null", "")]
    [DataRow("{", "")]
    public void What_is_not_options_is_refused(string json, string named) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidSettingException>(() => TrainOptions.FromJson(json)).Message, named);

    [TestMethod]
    public void Only_what_does_not_change_the_result_may_differ()
    {
        var options = new TrainOptions();
        Assert.IsEmpty(options.ResultDifferences(options with { Device = "cpu", Threads = 2, Data = "d", Offline = true, Output = "o", Name = "n", CheckpointEvery = 1, LogInterval = 2, Profile = true }));
        CollectionAssert.AreEqual(new[] { "depth", "lr", "seed" }, options.ResultDifferences(options with { Depth = 8, Lr = 1, Seed = 2 }).ToArray());
    }
}
