using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Tests;

[TestClass]
public class TrainingTurnsTests
{
    private const double Wanted = 0.9;

    private readonly List<string> log = [];

    [TestMethod]
    public void Sides_take_turns_and_each_epoch_begins_with_another()
    {
        var runs = Train(epochs: 3, new FakeSide("a"), new FakeSide("b"));
        CollectionAssert.AreEqual(new[] { "a ready", "b ready", "a 1", "b 1", "b 2", "a 2", "a 3", "b 3", "a ends", "b ends" }, Without("begin", "end", "after"));
        foreach (var run in runs)
        {
            CollectionAssert.AreEqual(new[] { 1, 2, 3 }, run.Epochs.Select(epoch => epoch.Number).ToArray());
            Assert.IsNull(run.Problem);
            Assert.AreEqual($"{run.Side} 1.0", run.Version);
        }
    }

    [TestMethod]
    public void Nothing_is_done_outside_a_turn_and_the_others_hear_of_it_after_its_end()
    {
        Train(epochs: 2, new FakeSide("a"), new FakeSide("b"));
        CollectionAssert.AreEqual(
            new[]
            {
                "begin", "a ready", "end", "begin", "b ready", "end",
                "begin", "a 1", "end", "after a 1", "begin", "b 1", "end", "after b 1",
                "begin", "b 2", "end", "after b 2", "begin", "a 2", "end", "after a 2",
                "a ends", "b ends",
            }, log);
    }

    [TestMethod]
    public void One_that_dies_is_left_out_and_the_other_goes_on()
    {
        var runs = Train(epochs: 3, new FakeSide("a") { DiesInEpoch = 2 }, new FakeSide("b"));
        Assert.AreEqual("a died", runs[0].Problem);
        Assert.HasCount(1, runs[0].Epochs);
        Assert.IsNull(runs[1].Problem);
        Assert.HasCount(3, runs[1].Epochs);
        Assert.HasCount(1, log.Where(line => line == "a ends"));
        Assert.Contains("after a problem", log);
    }

    [TestMethod]
    public void One_that_cannot_start_is_told_of_and_the_other_goes_on()
    {
        var runs = Train(epochs: 1, new FakeSide("a"), new FakeSide("b") { DiesInEpoch = 0 });
        Assert.HasCount(1, runs[0].Epochs);
        Assert.AreEqual("b died", runs[1].Problem);
        Assert.Contains("after b problem", log);
    }

    [TestMethod]
    public void One_that_has_reached_enough_stops_and_the_other_trains_on()
    {
        FakeSide a = new("a") { Accuracies = [0.5, 0.9, 0.95] }, b = new("b") { Accuracies = [0.1, 0.2, 0.3] };
        var runs = Train(epochs: 3, run => run.FirstWith(Wanted) is not null, a, b);
        Assert.HasCount(2, runs[0].Epochs);
        Assert.AreEqual(2, runs[0].FirstWith(Wanted)!.Number);
        Assert.HasCount(3, runs[1].Epochs);
        Assert.IsNull(runs[1].FirstWith(Wanted));
    }

    [TestMethod]
    public void Processor_time_between_the_turns_is_counted_and_that_within_them_is_not()
    {
        // Each turn uses 10 s. Between its turns, 0.25 s go by for b whenever a is at work.
        FakeSide b = new("b"), a = new("a") { During = () => b.Used += TimeSpan.FromSeconds(0.25) };
        var runs = Train(epochs: 2, a, b);
        Assert.AreEqual(0, runs[0].SecondsUsedAsleep, 1e-9);
        // a's first epoch comes before b's first, its second after b's last.
        Assert.AreEqual(0.25, runs[1].SecondsUsedAsleep, 1e-9);
    }

    private List<TrainingRun> Train(int epochs, params FakeSide[] sides) => Train(epochs, _ => false, sides);

    private List<TrainingRun> Train(int epochs, Func<TrainingRun, bool> enough, params FakeSide[] sides)
    {
        var runs = sides.Select(side => new TrainingRun(side.Name)).ToList();
        foreach (var side in sides) side.Log = log;
        new TrainingTurns(epochs, enough, () => new FakeTurn(log), run => log.Add($"after {run.Side} {(run.Problem is null ? run.Epochs.Count : "problem")}"))
            .Train(runs, run => sides.Single(side => side.Name == run.Side));
        return runs;
    }

    private string[] Without(params string[] words) => [.. log.Where(line => !words.Contains(line.Split(' ')[0]))];

    private sealed class FakeTurn : IDisposable
    {
        private readonly List<string> log;

        public FakeTurn(List<string> log) => (this.log = log).Add("begin");

        public void Dispose() => log.Add("end");
    }

    private sealed class FakeSide(string name) : ITrainingSide
    {
        private int epoch;

        public string Name { get; } = name;

        public List<string> Log { get; set; } = [];

        public int? DiesInEpoch { get; init; }

        public double[] Accuracies { get; init; } = [0.3, 0.4, 0.5];

        public Action During { get; init; } = () => { };

        public TimeSpan Used { get; set; }

        public TimeSpan ProcessorTime => Used;

        public string GetReady()
        {
            LiveThrough(0);
            Log.Add($"{Name} ready");
            return $"{Name} 1.0";
        }

        public Epoch TrainEpoch()
        {
            LiveThrough(++epoch);
            During();
            Used += TimeSpan.FromSeconds(10);
            Log.Add($"{Name} {epoch}");
            return new(epoch, 1, 1 - Accuracies[epoch - 1], 10 * epoch, 11 * epoch);
        }

        public void Dispose() => Log.Add($"{Name} ends");

        private void LiveThrough(int now)
        {
            if (now == DiesInEpoch) throw new PeerException($"{Name} died");
        }
    }
}
