using System.Xml.Linq;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Runner.Reporting.Figures;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>What figures show, and how they are written as SVG.</summary>
[TestClass]
public sealed class FigureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [TestMethod]
    public void Figure_6_is_that_of_the_paper()
    {
        var figure = RunFigures.Errors(ReferenceResults.Runs);
        CollectionAssert.AreEqual((string[])["plain networks", "residual networks"], figure.Panels.Select(panel => panel.Title).ToList());
        foreach (var panel in figure.Panels)
        {
            Assert.AreEqual((0.0, 20.0), (panel.Y.Min, panel.Y.Max));
            CollectionAssert.AreEqual((double[])[5, 10], panel.GuideLines.ToList());
            Assert.AreEqual("iterations (1e4)", panel.X.Title);
            CollectionAssert.AreEqual((string[])["0", "1", "2", "3", "4", "5", "6"], panel.X.Ticks.Select(tick => tick.Label).ToList());
            CollectionAssert.AreEqual((string[])["82", "123", "164"], panel.Top!.Ticks.Select(tick => tick.Label).ToList());
            double[] iterations = [32_000, 48_000, 64_000];
            foreach (var (tick, expected) in panel.Top.Ticks.Zip(iterations)) Assert.AreEqual(expected, tick.Value * 1e4, 150);
            CollectionAssert.AreEqual(Enumerable.Repeat(LineStyle.Dashed, 4).Concat(Enumerable.Repeat(LineStyle.Bold, 4)).ToList(), panel.Curves.Select(curve => curve.Style).ToList());
        }
        var curve = figure.Panels[1].Curves.Single(curve => curve.EndLabel == "ResNet-20");
        Assert.AreEqual(new(6.4124, 8.04), Round(curve.Points[^1]));
        var training = figure.Panels[1].Curves.Single(curve => curve.Name == "ResNet-20: training error");
        Assert.AreEqual(new(0.0391, 63.92), Round(training.Points[0]));
        CollectionAssert.Contains(figure.Labels.ToList(), "the reference project's curves, not our own runs");

        static Point Round(Point point) => new(Math.Round(point.X, 6), Math.Round(point.Y, 6));
    }

    [TestMethod]
    public void Curves_of_a_panel_differ_in_their_marks()
    {
        using var folder = new TemporaryFolder();
        foreach (var panel in RunFigures.Errors(ReferenceResults.Runs).Panels) Assert.AreEqual(4, panel.Curves.Select(curve => curve.Mark).Distinct().Count());
        var seeds = Enumerable.Range(1, 3).Select(seed => ReportFixture.Read(folder, $"{seed}", ReportFixture.Fast with { Seed = (ulong)seed }, [0.5, 0.2])).ToList();
        var curves = RunFigures.Errors(seeds).Panels.Single().Curves.Where(curve => curve.Style == LineStyle.Bold).ToList();
        Assert.AreEqual(3, curves.Select(curve => curve.Mark).Distinct().Count());
        CollectionAssert.AreEqual((string[])["ResNet-20, seed 1", "ResNet-20, seed 2", "ResNet-20, seed 3"], curves.Select(curve => curve.EndLabel).ToList());
        // The same seed twice: only the folders' names differ.
        var twice = ((string[])["winograd", "direct"]).Select(name => ReportFixture.Read(folder, name, ReportFixture.Fast, [0.5, 0.2])).ToList();
        CollectionAssert.AreEqual((string[])["winograd", "direct"], RunFigures.Loss(twice)!.Panels.Single().Curves.Where(curve => curve.EndLabel is not null).Select(curve => curve.EndLabel).ToList());
    }

    [TestMethod]
    public void The_axes_fit_another_recipe()
    {
        using var folder = new TemporaryFolder();
        var figure = RunFigures.Errors([ReportFixture.Read(folder, "fast", ReportFixture.Fast, ReportFixture.Falling(30, 0.1))]);
        var panel = figure.Panels.Single();
        Assert.AreEqual(30 * 391, panel.X.Max * 1e4, 1e-6);
        CollectionAssert.AreEqual((string[])["10", "20", "30"], panel.Top!.Ticks.Select(tick => tick.Label).ToList());
        Assert.AreEqual(20, panel.Y.Max);

        // Beside a run that the paper's axis shows, another one may end above it.
        var above = RunFigures.Errors([ReportFixture.Read(folder, "above", ReportFixture.Fast with { Depth = 32 }, [0.9, 0.45]), RunReader.ReadFolder(folder["fast"])]).Panels.Single();
        CollectionAssert.AreEqual((string[])["ResNet-20", "ResNet-32: 45.0"], above.Curves.Where(curve => curve.Style == LineStyle.Bold).Select(curve => curve.EndLabel).ToList());
        Assert.AreEqual(20, above.Y.Max);
        Assert.IsTrue(above.Curves.All(curve => curve.EndLabel is not { } label || CarriedFont.Typeface.ContainsGlyphs(label)), "a letter that the pictures' font has not");
        var far = RunFigures.Errors([ReportFixture.Read(folder, "far", ReportFixture.Fast, [0.9, 0.45])]).Panels.Single();
        Assert.AreEqual(60, far.Y.Max);
        // Epochs of other lengths: no axis of epochs over them.
        var tiny = ReportFixture.Read(folder, "tiny", new() { Recipe = Recipe.Demo, Dataset = "synthetic" }, [0.9, 0.5, 0.4]);
        Assert.IsNull(RunFigures.Errors([.. ReferenceResults.Runs, tiny]).Panels[0].Top);
    }

    [TestMethod]
    public void Every_figure_and_its_SVG_carry_the_labels()
    {
        using var folder = new TemporaryFolder();
        var drawn = ReportFixture.Read(folder, "a-SYNTHETIC", new() { Recipe = Recipe.Demo, Dataset = "synthetic" }, [0.5, 0.4]);
        var fast = ReportFixture.Read(folder, "b", ReportFixture.Fast with { Depth = 32 }, ReportFixture.Falling(30, 0.1));
        var figures = RunFigures.All([drawn, fast]);
        CollectionAssert.AreEqual((string[])["figure6", "learning-rate", "loss", "throughput"], figures.Select(figure => figure.Id).ToList());
        foreach (var figure in figures)
        {
            string[] labels = ["SYNTHETIC (ResNet-20)", "recipe demo, 3 epochs (ResNet-20)", "unfinished: 2 of 3 epochs (ResNet-20)", "recipe fast, 30 epochs (ResNet-32)"];
            CollectionAssert.AreEquivalent(labels, figure.Labels.ToList());
            string text = string.Concat(Parse(figure).Descendants(Svg + "text").Select(element => element.Value + "\n"));
            foreach (string label in labels) Assert.Contains(label, text);
        }
        Assert.AreEqual("Training on CIFAR-10 and SYNTHETIC images, as figure 6", figures[0].Title);
        CollectionAssert.Contains(RunFigures.Errors([drawn]).Labels.ToList(), "SYNTHETIC");
        Assert.DoesNotContain("CIFAR", RunFigures.Errors([drawn]).Title);
    }

    [TestMethod]
    public void An_emulator_has_no_throughput()
    {
        using var folder = new TemporaryFolder();
        var run = ReportFixture.Read(folder, "run", ReportFixture.Paper with { Epochs = 2 }, [0.5, 0.4], double.NaN);
        Assert.IsNull(RunFigures.Throughput([run]));
        CollectionAssert.Contains(RunFigures.Errors([run]).Labels.ToList(), "EMULATED");
    }

    [TestMethod]
    public void A_CSV_file_has_no_learning_rate_and_says_which_loss_it_has()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["resnet20.csv"], "epoch,train_loss,train_err,test_err\n0,1.5,0.5,0.6\n1,NaN,0.25,0.1\n");
        var figures = RunFigures.All([RunReader.ReadCsv(folder["resnet20.csv"])]);
        CollectionAssert.AreEqual((string[])["figure6", "loss"], figures.Select(figure => figure.Id).ToList());
        Assert.AreEqual("training (CSV files: last mini-batch)", figures[1].Keys.Single().Text);
        foreach (var figure in figures) _ = Parse(figure);
    }

    [TestMethod]
    public void SVG_is_text_and_lines_that_a_reader_can_tell_apart()
    {
        var figure = RunFigures.Errors(ReferenceResults.Runs);
        var root = Parse(figure);
        string[] ids = root.Attribute("aria-labelledby")!.Value.Split(' ');
        Assert.AreEqual(figure.Title, root.Element(Svg + "title")!.Value);
        CollectionAssert.AreEqual(ids, (string[])[root.Element(Svg + "title")!.Attribute("id")!.Value, root.Element(Svg + "desc")!.Attribute("id")!.Value]);
        var paths = root.Descendants(Svg + "path").ToList();
        foreach (int depth in (int[])[20, 32, 44, 56])
        {
            foreach (string style in (string[])["bold", "dashed"])
                Assert.HasCount(2, paths.Where(path => path.Attribute("class")!.Value == $"figure-{style} figure-depth-{depth}"));
        }
        var layout = FigureLayout.Create(figure);
        var placed = layout.Panels[1];
        var curve = placed.Panel.Curves.Single(curve => curve.EndLabel == "ResNet-20");
        var end = placed.Place(curve.Points[^1]);
        Assert.AreEqual(placed.Area.Bottom - 8.04 / 20 * placed.Area.Height, end.Y, 1e-9);
        string d = paths.Single(path => path.Element(Svg + "title")?.Value == "ResNet-20: test error").Attribute("d")!.Value;
        Assert.EndsWith(FormattableString.Invariant($"L{end.X:0.##} {end.Y:0.##}"), d);
        // Every colour that is used has a value for light and one for dark.
        foreach (var colour in Palette.All) Assert.HasCount(3, SvgFigure.Style.Split($"--figure-{colour.Name}:"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Nothing_lies_outside_of_the_picture(int columns)
    {
        var layout = FigureLayout.Create(RunFigures.Errors(ReferenceResults.Runs), columns);
        Assert.IsLessThan(columns == 1 ? 560 : 1100, layout.Width);
        foreach (var panel in layout.Panels)
        {
            Assert.IsTrue(panel.Area.Left > 0 && panel.Area.Right < layout.Width && panel.Area.Top > 0 && panel.Area.Bottom < layout.Height);
            var places = panel.Labels.Select(label => label.At.Y).Order().ToList();
            foreach (var (first, second) in places.Zip(places.Skip(1))) Assert.IsGreaterThanOrEqualTo(14.999, second - first);
        }
    }

    [TestMethod]
    public void Names_of_folders_cannot_break_the_SVG()
    {
        using var folder = new TemporaryFolder();
        var run = ReportFixture.Read(folder, "run", ReportFixture.Fast, [0.5, 0.4]) with { Name = "<script>alert(1)</script>\u0001&\"" };
        var figure = RunFigures.Errors([run, run with { Source = "other", Name = "]]>" }]);
        Assert.Contains("<script>", string.Concat(Parse(figure).Descendants(Svg + "text").Select(element => element.Value)));
        Assert.DoesNotContain("<script", SvgFigure.Document(figure));
    }

    private static XElement Parse(Figure figure) => XDocument.Parse(SvgFigure.Document(figure)).Root!;
}
