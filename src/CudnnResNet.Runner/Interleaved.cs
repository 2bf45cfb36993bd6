using System.Diagnostics;

namespace CudnnResNet.Runner;

/// <summary>
/// Alternatives that were measured in turn, round by round, each round beginning with another one: what else the machine does meets all of
/// them alike. A ratio is taken within each round.
/// </summary>
/// <param name="Seconds">Of each alternative, of each round.</param>
/// <param name="ProcessorSeconds">Likewise, of all processors together: what a machine does that is busy with other work hardly changes it.</param>
internal sealed record Interleaved(double[][] Seconds, double[][] ProcessorSeconds)
{
    /// <summary>Runs each alternative twice to warm up, then in all rounds.</summary>
    public static Interleaved Measure(int rounds, params Action[] alternatives)
    {
        for (int time = 0; time < 2; time++)
            foreach (var alternative in alternatives) alternative();
        double[][] seconds = [.. alternatives.Select(_ => new double[rounds])], processor = [.. alternatives.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < alternatives.Length; turn++)
            {
                int which = (round + turn) % alternatives.Length;
                double before = UsedSeconds();
                long start = Stopwatch.GetTimestamp();
                alternatives[which]();
                seconds[which][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                processor[which][round] = UsedSeconds() - before;
            }
        }
        return new(seconds, processor);

        static double UsedSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;
    }

    /// <summary>The median of an alternative's seconds.</summary>
    public double Median(int alternative) => BenchRun.MedianOf(Seconds[alternative]);

    /// <summary>The times of one alternative over those of another, within each round.</summary>
    public Spread Ratio(int alternative, int over) => Ratio(Seconds, alternative, over);

    /// <summary>The same of the processors' times.</summary>
    public Spread ProcessorRatio(int alternative, int over) => Ratio(ProcessorSeconds, alternative, over);

    private static Spread Ratio(double[][] seconds, int alternative, int over) => Spread.Of([.. seconds[alternative].Zip(seconds[over], (a, b) => a / b)]);
}

/// <summary>The middle of some numbers and where their middle half lies.</summary>
internal readonly record struct Spread(double Median, double LowerQuartile, double UpperQuartile)
{
    /// <summary>Of numbers in any order, at least one.</summary>
    public static Spread Of(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int half = (sorted.Length + 1) / 2;
        return new(BenchRun.MedianOf(sorted), BenchRun.MedianOf(sorted[..half]), BenchRun.MedianOf(sorted[^half..]));
    }
}
