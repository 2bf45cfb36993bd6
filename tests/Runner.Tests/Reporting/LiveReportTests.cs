using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>The page that a training rewrites after every epoch.</summary>
[TestClass]
public sealed class LiveReportTests
{
    private const string Refresh = "http-equiv=\"refresh\"", Seen = "what the network sees", Epochs = "epoch 2 of 3";

    [TestMethod]
    public void After_each_epoch_the_page_shows_it_and_loads_itself_again()
    {
        using var folder = new TemporaryFolder();
        var pages = new List<string>();
        var result = Train(folder, display => display.OnEpochDone = () => pages.Add(Page(folder)));
        Assert.HasCount(2, pages); // the second and the third epoch's beginnings are seen by way of the epoch before
        Assert.Contains("epoch 1 of 3", pages[0]);
        Assert.Contains(Epochs, pages[1]);
        foreach (string page in pages)
        {
            Assert.IsTrue(page.Contains(Refresh, StringComparison.Ordinal), "it does not load itself again");
            Assert.IsFalse(page.Contains(Seen, StringComparison.Ordinal), "it looks into the network too early");
            Assert.Contains("SYNTHETIC", page[..page.IndexOf("</header>", StringComparison.Ordinal)]);
        }
        Assert.IsFalse(Page(folder).Contains(Refresh, StringComparison.Ordinal), "the last page loads itself again");
        Assert.IsTrue(Page(folder).Contains(Seen, StringComparison.Ordinal), "the last page shows nothing of the network");
        Assert.Contains("epoch 3 of 3", Page(folder));
        Assert.EndsWith(ReportPage.FileName, result.Written[^1]);
        Assert.HasCount(0, Directory.GetFiles(folder["tiny-SYNTHETIC"], "*.tmp"));
    }

    [TestMethod]
    public void A_run_that_is_interrupted_leaves_a_page_that_says_so_and_stays()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var result = Train(folder, display => display.OnEpochDone = stop.Cancel, stop.Token);
        Assert.IsTrue(result.Interrupted);
        Assert.IsFalse(Page(folder).Contains(Refresh, StringComparison.Ordinal), "it loads itself again");
        Assert.IsFalse(Page(folder).Contains(Seen, StringComparison.Ordinal), "it looks into the network");
        Assert.Contains(">unfinished: ", Page(folder));
    }

    [TestMethod]
    public void A_page_that_cannot_be_written_is_told_once_and_ends_nothing()
    {
        using var folder = new TemporaryFolder();
        var said = new List<string>();
        var result = Train(folder, display =>
        {
            display.Said = said.Add;
            // A folder of that name stands in the way of every page.
            Directory.CreateDirectory(folder["tiny-SYNTHETIC", ReportPage.FileName]);
        });
        Assert.IsFalse(result.Interrupted);
        Assert.AreEqual(3, result.EpochsDone);
        Assert.HasCount(1, said);
        Assert.StartsWith("report.html could not be written: ", said[0]);
        Assert.IsFalse(result.Written.Any(path => path.EndsWith(ReportPage.FileName, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_program_names_the_page_among_what_it_wrote()
    {
        using var folder = new TemporaryFolder();
        string output = Tests.TinyRun.Run(folder, "--epochs", "1").Succeeds().Out;
        Assert.HasCount(1, output.Split('\n').Where(line => line.StartsWith("wrote ", StringComparison.Ordinal) && line.EndsWith(" report.html", StringComparison.Ordinal)));
    }

    private static string Page(TemporaryFolder folder) => File.ReadAllText(folder["tiny-SYNTHETIC", ReportPage.FileName]);

    private static TrainResult Train(TemporaryFolder folder, Action<Display> prepare, CancellationToken cancellation = default)
    {
        var data = Synthetic.Create(trainCount: 20, testCount: 10);
        var options = new TrainOptions { Depth = 8, Device = "cpu", Epochs = 3, BatchSize = 10, Output = folder.Path, Name = "tiny" };
        using var trainer = Trainer.Start(options, data);
        var display = new Display();
        prepare(display);
        return new LiveReport(trainer, data, display).Follow(cancellation);
    }

    /// <summary>Looks at the page when the next step is reported: that of the epoch before is then written.</summary>
    private sealed class Display : TrainingDisplay
    {
        private bool isEpochDone;

        public Action OnEpochDone { get; set; } = () => { };

        public Action<string> Said { get; set; } = _ => { };

        public override void Say(string text) => Said(text);

        protected override void OnStep(StepProgress step)
        {
            if (isEpochDone) OnEpochDone();
            isEpochDone = false;
        }

        protected override void OnEpoch(EpochProgress epoch) => isEpochDone = true;
    }
}
