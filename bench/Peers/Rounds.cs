using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>What a side's rounds came to.</summary>
internal sealed class SideResult(Side side, Job job)
{
    /// <summary>Whose.</summary>
    public Side Side { get; } = side;

    /// <summary>What it did.</summary>
    public Job Job { get; } = job;

    /// <summary>Why there are no figures, or null.</summary>
    public string? Problem { get; set; }

    /// <summary>Who computed.</summary>
    public Opened? Opened { get; set; }

    /// <summary>One turn for each round.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>Seconds of a step: the median of the rounds, each of which is a median itself.</summary>
    public double Seconds => Statistics.Median(Turns.Select(turn => turn.MedianSeconds));

    /// <summary>Operations a second that are executed; null where the library does not tell.</summary>
    public double? ExecutedFlops => 2 * Opened?.ExecutedMultiplyAdds / Seconds;

    /// <summary>What a loop of fused multiply-adds reaches: the median of the rounds; null where the library does not tell.</summary>
    public double? PeakFlops => Turns.Any(turn => turn.PeakFlops is null) ? null : Statistics.Median(Turns.Select(turn => turn.PeakFlops!.Value));

    /// <summary>The most memory that its process has had; 0 before the first turn.</summary>
    public long PeakBytes => Turns.Select(turn => turn.PeakBytes).DefaultIfEmpty(0).Max();

    /// <summary>The fastest round.</summary>
    public double FastestSeconds => Turns.Min(turn => turn.MedianSeconds);

    /// <summary>The slowest round.</summary>
    public double SlowestSeconds => Turns.Max(turn => turn.MedianSeconds);

    /// <summary>Seconds of an image.</summary>
    public double SecondsPerImage => Seconds / Job.Images;

    /// <summary>How many times as fast another side is, image for image: of the medians, then the least and the most of any round.</summary>
    public (double Median, double Least, double Most) TimesAsFast(SideResult other)
    {
        double scale = (double)other.Job.Images / Job.Images;
        var rounds = Turns.Zip(other.Turns, (mine, theirs) => mine.MedianSeconds / theirs.MedianSeconds * scale).ToList();
        return (SecondsPerImage / other.SecondsPerImage, rounds.Min(), rounds.Max());
    }
}

/// <summary>What a row came to.</summary>
/// <param name="Row">What was done.</param>
/// <param name="Sides">In the row's order.</param>
/// <param name="OthersShare">The part of the processors' time that was in use while all sides slept, before the first round or after the last; null where the system does not tell.</param>
internal sealed record RowResult(Row Row, IReadOnlyList<SideResult> Sides, double? OthersShare);

/// <summary>Lets the sides of a row take turns.</summary>
/// <param name="Count">Rounds.</param>
/// <param name="Seconds">How long a turn goes on.</param>
/// <param name="WarmUpSeconds">How long each side runs before the first round: compilers and caches settle.</param>
internal sealed record Rounds(int Count, double Seconds, double WarmUpSeconds)
{
    /// <summary>Before each turn: the pools of OpenMP and ONNX Runtime spin for some milliseconds after their last work.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures a row; a side that fails is left out with its reason.</summary>
    /// <param name="row">The row.</param>
    /// <param name="preparation">Weights and images.</param>
    /// <param name="refusal">Why a side must not take part, or null.</param>
    public RowResult Measure(Row row, Preparation preparation, Func<Side, string?> refusal)
    {
        var results = row.Sides.Select(side => new SideResult(side, row.JobOf(side))).ToList();
        var children = new Dictionary<SideResult, Child>();
        try
        {
            foreach (var result in results)
            {
                Try(result, () =>
                {
                    var work = preparation.Work(result.Job, result.Side);
                    if ((refusal(result.Side) ?? Instructions.Disbelief(result.Side, work)) is { } reason) throw new PeerException(reason);
                    var child = children[result] = new(result.Side.Program, result.Side.Threads, result.Side.Environment);
                    result.Opened = child.Ask(new(Command.Open) { Work = work }).Opened;
                    child.Ask(new(Command.Turn) { Seconds = WarmUpSeconds });
                });
            }
            double? before = Processors.BusyShare();
            for (int round = 0; round < Count; round++)
            {
                // Each round begins with another side, so that none is always the one that follows a certain other.
                for (int i = 0; i < results.Count; i++)
                {
                    var result = results[(round + i) % results.Count];
                    Thread.Sleep(Pause);
                    Try(result, () => result.Turns.Add(children[result].Ask(new(Command.Turn) { Seconds = Seconds }).Turn!));
                }
            }
            return new(row, results, Greater(before, Processors.BusyShare()));
        }
        finally
        {
            foreach (var child in children.Values) child.Dispose();
        }
    }

    private static double? Greater(double? a, double? b) => a > b ? a : b;

    private static void Try(SideResult result, Action action)
    {
        if (result.Problem is not null) return;
        try
        {
            action();
        }
        catch (PeerException error)
        {
            result.Problem = error.Message;
        }
    }
}
