using System.Globalization;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak;

/// <summary>One training of many steps, with its evaluations, checkpoints and reports: what it holds at its beginning and at its end.</summary>
internal static class LongRun
{
    private const int StepsPerEpoch = 1000, Interval = 200;

    // 100 bytes a step would be 1.9 MB in 19,000 steps.
    private const long Memory = 1_000_000;

    /// <summary>Trains so many steps, at least 2,000, and writes a line.</summary>
    /// <returns>Whether memory, handles and threads stayed as they were after 1,000 steps, and steps allocated nothing.</returns>
    public static bool Run(int steps, TextWriter output)
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Threads = 2, BatchSize = 2, Epochs = Math.Max(2, steps / StepsPerEpoch), LogInterval = Interval, CheckpointEvery = StepsPerEpoch / 2 };
        Footprint? first = null;
        Footprint last = default;
        long before = 0, fewest = long.MaxValue;
        var watcher = new TinyRun.Watcher(report =>
        {
            // From a report to the next one within an epoch: so many steps, and the report of them.
            if (report is StepProgress) fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            else first ??= last = Footprint.Now();
            if (report is EpochProgress) last = Footprint.Now();
            before = GC.GetAllocatedBytesForCurrentThread();
        });
        long done;
        using (var trainer = Trainer.Start(options, Synthetic.Create(trainCount: 2 * StepsPerEpoch, testCount: 10)))
            done = trainer.Run(watcher).StepsDone;
        var more = last - first!.Value;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"after {StepsPerEpoch} steps {first}, after {done} {last}; {fewest} bytes allocated in {Interval} steps and the report of them"));
        return more.PrivateBytes <= Memory && more.Handles <= 0 && more.Threads <= 1 && fewest < Interval;
    }
}
