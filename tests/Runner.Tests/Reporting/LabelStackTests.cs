using CudnnResNet.Runner.Reporting.Figures;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>Labels moved apart, and round ticks.</summary>
[TestClass]
public sealed class LabelStackTests
{
    [TestMethod]
    [DataRow(new[] { 10.0, 50, 90 }, new[] { 10.0, 50, 90 })] // room enough: as wanted
    [DataRow(new[] { 50.0, 50 }, new[] { 45.0, 55 })] // a pair around its middle
    [DataRow(new[] { 52.0, 48 }, new[] { 55.0, 45 })] // in the order of what was wanted
    [DataRow(new[] { 99.0, 100, 97 }, new[] { 90.0, 100, 80 })] // not over the end
    [DataRow(new[] { 0.0, 1 }, new[] { 0.0, 10 })] // not under the start
    [DataRow(new[] { 40.0, 45, 52 }, new[] { 35.666666, 45.666666, 55.666666 })] // one block of three
    public void Labels_keep_their_distance(double[] wanted, double[] expected)
    {
        double[] places = LabelStack.Spread(wanted, 10, 0, 100);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], places[i], 1e-5);
    }

    [TestMethod]
    [DataRow(0.0, 6.4124, 6, "0 1 2 3 4 5 6")]
    [DataRow(0.0, 20.0, 4, "0 5 10 15 20")]
    [DataRow(0.0, 0.25, 5, "0 0.05 0.1 0.15 0.2 0.25")]
    [DataRow(0.0, 3.0, 4, "0 1 2 3")]
    public void Ticks_are_round(double min, double max, int count, string labels) => Assert.AreEqual(labels, string.Join(' ', Ticks.Round(min, max, count).Select(tick => tick.Label)));

    [TestMethod]
    [DataRow(0.2, 0.2)]
    [DataRow(0.204, 0.25)]
    [DataRow(1650.0, 2000)]
    [DataRow(2.3, 2.5)]
    public void The_end_of_an_axis_is_round_and_not_below(double value, double end) => Assert.AreEqual(end, Ticks.Above(value, 5), 1e-9);
}
