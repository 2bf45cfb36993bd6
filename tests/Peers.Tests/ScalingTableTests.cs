using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Tests;

[TestClass]
public class ScalingTableTests
{
    private static readonly PeerProgram Program = PeerProgram.Ours();
    private static readonly ArchitectureSpec ResNet20 = new(Architecture.ResNet, 20), ResNet56 = new(Architecture.ResNet, 56);

    [TestMethod]
    public void Lines_are_compared_with_the_first_of_their_side()
    {
        var job = new Job(ResNet20, WorkKind.Training, 128);
        var result = Measured(("ours", job, 0.128), ("ours", job with { Network = ResNet56 }, 0.384), ("theirs", job, 0.256), ("theirs", job with { Network = ResNet56 }, 0.512));
        string[][] rows = Rows(result);
        // 1 ms for an image, 1/20 of it for a layer.
        CollectionAssert.AreEqual(new[] { "ours", "resnet20", "128", "1,000", "1,000..1,000", "1.000", "0.0500", "1.00", "1.00..1.00", "1.00", "3" }, rows[0]);
        Assert.AreEqual("3.00", rows[1][7]);
        Assert.AreEqual("0.0536", rows[1][6]);
        Assert.AreEqual((double)ResNet56.TrainingMultiplyAdds / ResNet20.TrainingMultiplyAdds, double.Parse(rows[1][9], System.Globalization.CultureInfo.InvariantCulture), 0.01);
        Assert.AreEqual("1.00", rows[2][7]);
        Assert.AreEqual("2.00", rows[3][7]);
    }

    [TestMethod]
    public void A_batch_of_four_times_the_images_in_four_times_the_time_costs_the_same()
    {
        var job = new Job(ResNet20, WorkKind.Training, 32);
        string[][] rows = Rows(Measured(("ours", job, 0.032), ("ours", job with { BatchSize = 128 }, 0.128)));
        Assert.AreEqual("1.00", rows[1][7]);
        Assert.AreEqual("1.00", rows[1][9]);
        Assert.AreEqual(rows[0][5], rows[1][5]);
    }

    [TestMethod]
    public void A_line_that_failed_is_a_remark_and_the_next_is_the_first()
    {
        var job = new Job(ResNet20, WorkKind.Training, 32);
        var result = Measured(("ours", job, 0.032), ("ours", job with { BatchSize = 64 }, 0.064), ("ours", job with { BatchSize = 128 }, 0.256));
        result.Sides[0].Problem = "out of memory";
        string[] lines = [.. ScalingTable.Of(result)];
        Assert.AreEqual("ours, resnet20, batch 32: not measured: out of memory", lines[^1]);
        Assert.AreEqual("2.00", Rows(result)[1][7]);
    }

    private static string[][] Rows(RowResult result) =>
        [.. ScalingTable.Of(result).Skip(2).Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static RowResult Measured(params (string Side, Job Job, double Seconds)[] lines)
    {
        var sides = lines.Select(line =>
        {
            var result = new SideResult(new(line.Side, Program, "cpu", 1), line.Job);
            result.Turns.Add(new(3, line.Seconds, null, 3 << 20));
            return result;
        }).ToList();
        return new(new("id", "title", lines[0].Job, [.. sides.Select(side => side.Side)]), sides, null);
    }
}
