using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>Runs as they are read: from folders, from folders of folders, from CSV files, and what is wrong with them.</summary>
[TestClass]
public sealed class RunReaderTests
{
    [TestMethod]
    public void A_run_folder_says_what_was_trained_and_how()
    {
        using var folder = new TemporaryFolder();
        var run = ReportFixture.Read(folder, "mine", ReportFixture.Paper with { Arch = Architecture.Plain, Depth = 32, Seed = 7 }, ReportFixture.Falling(164, 0.1));
        Assert.AreEqual(("mine", "plain-32", 7ul, 164, 64_000L, 391), (run.Name, run.Network, run.Seed, run.PlannedEpochs, run.PlannedSteps, run.StepsPerEpoch));
        Assert.IsTrue(run.Recipe.IsPaper);
        Assert.AreEqual(new ReportEpoch(163, 0.05, 0.1, 1.5 / 164, 2.0 / 164, 0.1, 1000), run.Final);
        Assert.AreEqual(64_000, run.StepsAfter(163));
        Assert.IsEmpty(run.Labels);
    }

    [TestMethod]
    [DataRow("fast", "recipe fast, 30 epochs")]
    [DataRow("short", "recipe paper, epochs 2")]
    [DataRow("changed", "recipe paper, batch-size 64, epochs 164, lr 0.05, weight-decay 0.0002|unfinished: 2 of 164 epochs")]
    [DataRow("synthetic", "SYNTHETIC|recipe demo, 3 epochs|unfinished: 2 of 3 epochs")]
    [DataRow("emulated", "EMULATED|recipe paper, epochs 2")]
    [DataRow("validation", "recipe paper, epochs 2, validation 5000|errors on training images held back, not on the test images")]
    [DataRow("normalize", "recipe paper, epochs 2, normalize pixel")]
    public void What_must_not_be_overlooked_is_a_label(string kind, string labels)
    {
        using var folder = new TemporaryFolder();
        var paper = ReportFixture.Paper with { Epochs = 2 };
        var options = kind switch
        {
            "fast" => ReportFixture.Fast,
            "changed" => ReportFixture.Paper with { Lr = 0.05, BatchSize = 64, WeightDecay = 2e-4, Epochs = 164 },
            "synthetic" => new() { Recipe = Recipe.Demo, Dataset = "synthetic" },
            "validation" => paper with { Validation = 5000 },
            "normalize" => paper with { Normalize = "pixel" },
            _ => paper,
        };
        var run = ReportFixture.Read(folder, "run", options, ReportFixture.Falling(kind == "fast" ? 30 : 2, 0.1), kind == "emulated" ? double.NaN : 900);
        Assert.AreEqual(labels, string.Join('|', run.Labels));
        Assert.AreEqual(kind == "emulated", run.IsEmulated);
        Assert.AreEqual(kind == "emulated" ? null : 900.0, run.Final!.ImagesPerSecond);
    }

    [TestMethod]
    public void A_marked_name_is_believed()
    {
        using var folder = new TemporaryFolder();
        Assert.IsTrue(ReportFixture.Read(folder, "a-SYNTHETIC", ReportFixture.Fast, [0.5]).IsSynthetic);
        Assert.IsTrue(ReportFixture.Read(folder, "a-EMULATED", ReportFixture.Fast, [0.5]).IsEmulated);
    }

    [TestMethod]
    public void Every_run_below_a_folder_is_read_once()
    {
        using var folder = new TemporaryFolder();
        ReportFixture.Write(folder["results", "fast", "b"], ReportFixture.Fast, [0.5]);
        ReportFixture.Write(folder["results", "fast", "a"], ReportFixture.Fast, [0.5]);
        ReportFixture.Write(folder["results", "paper", "c"], ReportFixture.Paper, [0.5]);
        var runs = RunReader.Read([folder["results"], folder["results", "fast", "a"], folder["results", "paper", "c", "summary.csv"]]);
        CollectionAssert.AreEqual((string[])["a", "b", "c"], runs.Select(run => run.Name).ToList());
    }

    [TestMethod]
    public void The_row_that_a_run_is_writing_is_left_out()
    {
        using var folder = new TemporaryFolder();
        ReportFixture.Write(folder["run"], ReportFixture.Fast, [0.5, 0.4]);
        File.AppendAllText(folder["run", "summary.csv"], "2,1.0,0.3,0.");
        Assert.AreEqual(0.4, RunReader.ReadFolder(folder["run"]).Final!.TestError);
    }

    [TestMethod]
    [DataRow("plainnet20.csv", Architecture.Plain, 20)]
    [DataRow("plain-32.csv", Architecture.Plain, 32)]
    [DataRow("resnet110-mine.csv", Architecture.ResNet, 110)]
    public void A_CSV_file_by_itself_is_named_after_its_network(string name, Architecture architecture, int depth)
    {
        using var folder = new TemporaryFolder();
        // The last line may lack its end, and lines may end as on Windows.
        File.WriteAllText(folder[name], "epoch,train_loss,train_err,test_err\r\n0,1.5,0.5,0.6\r\n1,,0.25,0.3");
        var run = RunReader.ReadCsv(folder[name]);
        Assert.AreEqual((architecture, depth, RunOrigin.CsvFile), (run.Architecture, run.Depth, run.Origin));
        Assert.AreEqual(new ReportEpoch(1, 0.25, 0.3), run.Final);
        Assert.AreEqual("recipe not known", string.Join('|', run.Labels));
    }

    [TestMethod]
    [DataRow("resnet20.csv", "0,1.5,0.5,6.1\n", "resnet20.csv, line 2: test_err '6.1' is not a fraction within 0..1")]
    [DataRow("resnet20.csv", "0,1.5,0.5,-0.1\n", "test_err '-0.1' is not a fraction")]
    [DataRow("resnet20.csv", "0,1.5,0.5,NaN\n", "test_err 'NaN' is not a fraction")]
    [DataRow("resnet20.csv", "0,1.5,,0.5\n", "train_err '' is not a fraction")]
    [DataRow("resnet20.csv", "0,x,0.5,0.5\n", "line 2: train_loss 'x' is not a number")]
    [DataRow("resnet20.csv", "0,1,0.5,0.5\n1,1,0.5\n", "line 3: 3 cells, the header has 4")]
    [DataRow("resnet20.csv", "0,1,0.5,0.5\n\n1,1,0.5,0.5\n", "line 3: 1 cells")]
    [DataRow("resnet20.csv", "0,1,0.5,0.5\n2,1,0.5,0.5\n", "line 3: epoch '2' is not 1")]
    [DataRow("resnet20.csv", "1,1,0.5,0.5\n", "line 2: epoch '1' is not 0")]
    [DataRow("resnet20.csv", "", "no epoch follows the header")]
    [DataRow("resnet21.csv", "0,1,0.5,0.5\n", "resnet21.csv: depth 21 is not 6n+2")]
    [DataRow("vgg16.csv", "0,1,0.5,0.5\n", "the name says no network")]
    public void A_damaged_CSV_file_is_refused_with_its_line(string name, string rows, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], "epoch,train_loss,train_err,test_err\n" + rows);
        Assert.Contains(message, Assert.ThrowsExactly<RunFileException>(() => RunReader.Read([folder[name]])).Message);
    }

    [TestMethod]
    public void A_damaged_run_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        ReportFixture.Write(folder["run"], ReportFixture.Fast, [0.5]);
        Refused(folder.Path + "/nowhere", "does not exist");
        Directory.CreateDirectory(folder["empty"]);
        Refused(folder["empty"], "holds no run");
        File.WriteAllText(folder["run", "args.json"], """{ "depth": 21, "recipe": "fast", "dataset": "cifar10" }""");
        Refused(folder["run"], "args.json: depth 21");
        File.WriteAllText(folder["run", "args.json"], "{");
        Refused(folder["run"], "args.json cannot be read");
        File.Delete(folder["run", "summary.csv"]);
        File.WriteAllText(folder["run", "args.json"], ReportFixture.Fast.ToJson());
        Refused(folder["run"], "summary.csv cannot be read");

        static void Refused(string path, string message) => Assert.Contains(message, Assert.ThrowsExactly<RunFileException>(() => RunReader.Read([path])).Message);
    }
}
