using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>Means over seeds, and what is never averaged.</summary>
[TestClass]
public sealed class ResultTableTests
{
    [TestMethod]
    public void Seeds_are_averaged_with_the_deviation_of_a_sample()
    {
        using var folder = new TemporaryFolder();
        double[] last = [0.09, 0.10, 0.11];
        var runs = last.Select((error, i) => ReportFixture.Read(folder, $"seed{i}", ReportFixture.Fast with { Seed = (ulong)i }, ReportFixture.Falling(29, error - 0.01).Append(error))).ToList();
        var table = ResultTable.Create(runs);
        var cell = Row(table, "ResNet-20").Cells[0]!;
        Assert.AreEqual(0.10, cell.Final.Mean, 1e-12);
        Assert.AreEqual(0.01, cell.Final.StandardDeviation!.Value, 1e-12);
        Assert.AreEqual(0.09, cell.Best.Mean, 1e-12);
        Assert.AreEqual("ResNet-20|8.75|8.00 (8.04)|10.00 ± 1.00|9.00 ± 1.00|3|recipe fast, 30 epochs", Text(table, "ResNet-20"));
        Assert.AreEqual("plain-20|9.5*|9.50 (9.69)|-|-|-|", Text(table, "plain-20"));
    }

    [TestMethod]
    public void Recipes_and_what_is_not_real_have_columns_of_their_own()
    {
        using var folder = new TemporaryFolder();
        var demo = new TrainOptions { Recipe = Recipe.Demo, Dataset = "synthetic" };
        ReportRun[] runs =
        [
            ReportFixture.Read(folder, "fast", ReportFixture.Fast, ReportFixture.Falling(30, 0.1)),
            ReportFixture.Read(folder, "other", ReportFixture.Fast with { Lr = 0.3 }, ReportFixture.Falling(30, 0.2)),
            ReportFixture.Read(folder, "paper", ReportFixture.Paper, ReportFixture.Falling(164, 0.08)),
            ReportFixture.Read(folder, "short", ReportFixture.Paper with { Epochs = 2 }, ReportFixture.Falling(2, 0.3)),
            ReportFixture.Read(folder, "emulated", ReportFixture.Paper with { Epochs = 2 }, ReportFixture.Falling(2, 0.4), double.NaN),
            ReportFixture.Read(folder, "drawn", demo, ReportFixture.Falling(3, 0.05)),
        ];
        var table = ResultTable.Create(runs);
        CollectionAssert.AreEqual((string[])["fast", "fast, lr 0.3", "paper", "paper, epochs 2", "paper, epochs 2, EMULATED", "demo, SYNTHETIC"], table.Groups.Select(group => group.Title).ToList());
        var row = Row(table, "ResNet-20");
        CollectionAssert.AreEqual((double[])[0.1, 0.2, 0.08, 0.3, 0.4, 0.05], row.Cells.Select(cell => cell!.Final.Mean).ToList());
        Assert.EndsWith("|fast: recipe fast, 30 epochs; fast, lr 0.3: recipe fast, lr 0.3, 30 epochs; paper, epochs 2: recipe paper, epochs 2; "
            + "paper, epochs 2, EMULATED: EMULATED, recipe paper, epochs 2; demo, SYNTHETIC: SYNTHETIC, recipe demo, 3 epochs", Text(table, "ResNet-20"));
        Assert.Contains("E: EMULATED, recipe paper, epochs 2; F: SYNTHETIC", table.ShortTexts(row)[^1]);
        Assert.AreEqual("F: demo, SYNTHETIC", table.Letters[^1]);
    }

    [TestMethod]
    public void A_run_that_is_not_over_is_no_part_of_a_mean()
    {
        using var folder = new TemporaryFolder();
        var over = ReportFixture.Read(folder, "over", ReportFixture.Fast, ReportFixture.Falling(30, 0.1));
        var begun = ReportFixture.Read(folder, "begun", ReportFixture.Fast with { Seed = 2 }, [0.5]);
        Assert.AreEqual("ResNet-20|8.75|8.00 (8.04)|10.00|10.00|1|recipe fast, 30 epochs, 1 unfinished run left out", Text(ResultTable.Create([over, begun]), "ResNet-20"));
        Assert.AreEqual("ResNet-20|8.75|8.00 (8.04)|50.00|50.00|1|recipe fast, 30 epochs, unfinished: 1 of 30 epochs", Text(ResultTable.Create([begun]), "ResNet-20"));
        var empty = ReportFixture.Read(folder, "empty", ReportFixture.Fast with { Seed = 3 }, []);
        Assert.AreEqual("ResNet-20|8.75|8.00 (8.04)|-|-|-|", Text(ResultTable.Create([empty]), "ResNet-20"));
    }

    [TestMethod]
    public void A_long_title_has_a_letter_on_a_terminal()
    {
        using var folder = new TemporaryFolder();
        var fast = ResultTable.Create([ReportFixture.Read(folder, "fast", ReportFixture.Fast, [0.5])]);
        Assert.AreEqual("network|paper|reference best (final)|fast: final|fast: best|n|labels", string.Join('|', fast.ShortTitles));
        Assert.IsEmpty(fast.Letters);
        var table = ResultTable.Create([ReportFixture.Read(folder, "slow", ReportFixture.Fast with { Lr = 0.01, WeightDecay = 1e-3 }, [0.5])]);
        Assert.AreEqual("network|paper|reference best (final)|A: final|A: best|n|labels", string.Join('|', table.ShortTitles));
        Assert.AreEqual("A: fast, lr 0.01, weight-decay 0.001", table.Letters.Single());
    }

    [TestMethod]
    public void One_seed_twice_is_told()
    {
        using var folder = new TemporaryFolder();
        var runs = ((string[])["a", "b"]).Select(name => ReportFixture.Read(folder, name, ReportFixture.Fast, ReportFixture.Falling(30, 0.1))).ToList();
        Assert.Contains("2 runs of one seed", Text(ResultTable.Create(runs), "ResNet-20"));
    }

    [TestMethod]
    public void Networks_that_the_paper_has_not_come_last()
    {
        using var folder = new TemporaryFolder();
        var centred = ReportFixture.Read(folder, "centred", ReportFixture.Fast with { Shortcut = ShortcutPadding.Centred }, ReportFixture.Falling(30, 0.1));
        var small = ReportFixture.Read(folder, "small", ReportFixture.Fast with { Depth = 8 }, ReportFixture.Falling(30, 0.2));
        var table = ResultTable.Create([centred, small]);
        Assert.AreEqual("ResNet-8|-|-|20.00|20.00|1|recipe fast, 30 epochs", Text(table, "ResNet-8"));
        Assert.AreEqual("ResNet-20, centred shortcut|8.75|-|10.00|10.00|1|recipe fast, 30 epochs", Text(table, "ResNet-20, centred shortcut"));
        CollectionAssert.AreEqual((string[])["ResNet-110", "ResNet-8", "ResNet-20, centred shortcut"], table.Rows.Skip(8).Select(row => row.Network).ToList());
    }

    private static ResultRow Row(ResultTable table, string network) => table.Rows.Single(row => row.Network == network);

    private static string Text(ResultTable table, string network) => string.Join('|', table.Texts(Row(table, network)));
}
