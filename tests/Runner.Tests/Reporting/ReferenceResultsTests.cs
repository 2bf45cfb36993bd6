using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>The reference project's curves and the figures that follow from them.</summary>
[TestClass]
public sealed class ReferenceResultsTests
{
    [TestMethod]
    [DataRow(Architecture.Plain, 20, 0.095, 0.0969)]
    [DataRow(Architecture.Plain, 32, 0.0992, 0.1004)]
    [DataRow(Architecture.Plain, 44, 0.1135, 0.1156)]
    [DataRow(Architecture.Plain, 56, 0.1276, 0.1307)]
    [DataRow(Architecture.ResNet, 20, 0.08, 0.0804)]
    [DataRow(Architecture.ResNet, 32, 0.0751, 0.0779)]
    [DataRow(Architecture.ResNet, 44, 0.0738, 0.0751)]
    [DataRow(Architecture.ResNet, 56, 0.0733, 0.0746)]
    public void Its_best_and_final_errors_are_those_it_has_published(Architecture architecture, int depth, double best, double final)
    {
        var run = ReferenceResults.Find(architecture, depth)!;
        Assert.HasCount(164, run.Epochs);
        Assert.AreEqual(best, run.Best!.TestError);
        Assert.AreEqual(final, run.Final!.TestError);
        Assert.IsEmpty(run.Labels);
    }

    [TestMethod]
    public void What_we_carry_is_what_its_files_hold()
    {
        foreach (var run in ReferenceResults.Runs)
        {
            string file = SharedFolder.File($"data/reference-results/{run.Name.Replace("plain", "plainnet", StringComparison.Ordinal)}.csv");
            var read = RunReader.ReadCsv(file);
            Assert.AreEqual(RunOrigin.ReferenceProject, read.Origin, file);
            Assert.AreEqual((run.Architecture, run.Depth), (read.Architecture, read.Depth));
            CollectionAssert.AreEqual(run.Epochs.Select(epoch => (epoch.TrainError, epoch.TestError)).ToList(), read.Epochs.Select(epoch => (epoch.TrainError, epoch.TestError)).ToList());
        }
    }

    [TestMethod]
    public void Its_summary_follows_from_the_curves()
    {
        Assert.AreEqual(0.9267, ReferenceSummary.BestAccuracy, 1e-9);
        Assert.AreEqual("ResNet-56", ReferenceSummary.BestRun.Network);
        Assert.AreEqual(0.015, ReferenceSummary.GainOfShortcuts, 1e-9);
        Distance(ReferenceSummary.LargestDistance(Architecture.ResNet), "ResNet-20", -0.0075);
        Distance(ReferenceSummary.LargestExcess(Architecture.ResNet), "ResNet-56", 0.0036);
        Distance(ReferenceSummary.LargestDistance(Architecture.Plain), "plain-56", -0.0074);
        string lines = string.Join('\n', ReferenceSummary.Lines());
        foreach (string part in (string[])["92.67 %", "1.50 points", "-0.75 points (ResNet-20)", "+0.36 (ResNet-56)"]) Assert.Contains(part, lines);

        static void Distance((ReportRun Run, double Difference) found, string network, double difference)
        {
            Assert.AreEqual(network, found.Run.Network);
            Assert.AreEqual(difference, found.Difference, 1e-9);
        }
    }

    [TestMethod]
    public void The_table_marks_what_was_read_off_a_figure()
    {
        var table = ResultTable.Create(ReferenceResults.Runs);
        Assert.IsEmpty(table.Groups);
        var rows = table.Rows.Select(row => string.Join('|', table.Texts(row))).ToList();
        CollectionAssert.AreEqual((string[])
        [
            "plain-20|9.5*|9.50 (9.69)", "plain-32|10.0*|9.92 (10.04)", "plain-44|12.0*|11.35 (11.56)", "plain-56|13.5*|12.76 (13.07)",
            "ResNet-20|8.75|8.00 (8.04)", "ResNet-32|7.51|7.51 (7.79)", "ResNet-44|7.17|7.38 (7.51)", "ResNet-56|6.97|7.33 (7.46)", "ResNet-110|6.43|-",
        ], rows);
    }
}
