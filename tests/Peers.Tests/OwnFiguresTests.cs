using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Tests;

[TestClass]
public class OwnFiguresTests
{
    private static readonly PeerProgram Program = PeerProgram.Ours();
    private static readonly IReadOnlyList<Row> AllRows = Rows.All(new(Program, Program, Program), threads: 2);

    [TestMethod]
    public void Two_threads_that_take_half_the_time_are_twice_as_fast()
    {
        var figure = Only(Measured(Rows.Threads, [0.1, 0.11, 0.09], [0.2, 0.2, 0.2]));
        Assert.AreEqual("threads_ratio", figure.Id);
        Assert.AreEqual(2, figure.Median, 1e-9);
        Assert.AreEqual(0.2 / 0.11, figure.Least, 1e-9);
        Assert.AreEqual(0.2 / 0.09, figure.Most, 1e-9);
    }

    [TestMethod]
    public void Loading_is_a_share_of_the_step()
    {
        var figure = Only(Measured(Rows.Loading, [0.1], [0.002]));
        Assert.AreEqual("loading_percent", figure.Id);
        Assert.AreEqual(2, figure.Median, 1e-9);
    }

    [TestMethod]
    public void Evaluation_is_compared_with_inference_image_for_image()
    {
        // 10,000 images in 2 s are 5,000 a second; 128 in 0.02 s are 6,400.
        var figure = Only(Measured(Rows.Evaluation, [2], [0.02]));
        Assert.AreEqual("evaluation_ratio", figure.Id);
        Assert.AreEqual(5000.0 / 6400, figure.Median, 1e-9);
    }

    [TestMethod]
    public void A_side_with_a_problem_has_no_figure()
    {
        var result = Measured(Rows.Threads, [0.1], [0.2]);
        result.Sides[1].Problem = "gone";
        Assert.IsEmpty(OwnFigures.Of([result], []));
    }

    [TestMethod]
    public void Starts_are_read_from_what_bench_writes()
    {
        const string output = """
            {"event":"note","text":"first_step_seconds"}
            {"event":"bench","network":"resnet20","bytes_per_step":24,"first_step_seconds":1.25}
            """;
        Start start = Start.Read(output);
        var figures = OwnFigures.Of([], [start, start with { FirstStepSeconds = 1.5 }, start with { FirstStepSeconds = 1 }]);
        CollectionAssert.AreEqual(new[] { "bytes_per_step", "first_step_seconds" }, figures.Select(figure => figure.Id).ToArray());
        Assert.AreEqual((24, 24, 24), (figures[0].Median, figures[0].Least, figures[0].Most));
        Assert.AreEqual((1.25, 1, 1.5), (figures[1].Median, figures[1].Least, figures[1].Most));
        Assert.Contains("1.00..1.50", string.Join('\n', OwnFigures.Table(figures)));
        Assert.ThrowsExactly<PeerException>(() => Start.Read("{\"event\":\"note\"}"));
    }

    private static OwnFigure Only(RowResult result) => OwnFigures.Of([result], []).Single();

    /// <summary>A row of <c>speed</c> with given seconds of a step in each round.</summary>
    private static RowResult Measured(string id, params double[][] seconds)
    {
        var row = AllRows.Single(row => row.Id == id);
        var sides = row.Sides.Select(side => new SideResult(side, row.JobOf(side))).ToList();
        for (int i = 0; i < sides.Count; i++) sides[i].Turns.AddRange(seconds[i].Select(time => new Turn(3, time, null, 0)));
        return new(row, sides, null);
    }
}
