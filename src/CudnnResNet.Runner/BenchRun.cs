using System.Diagnostics;
using CudnnResNet.Model;

namespace CudnnResNet.Runner;

/// <summary>What <c>bench</c> measures.</summary>
internal enum BenchMode
{
    /// <summary>Whole steps: augmentation, forward, backward, update.</summary>
    Train,

    /// <summary>Forward passes with the running statistics.</summary>
    Infer,

    /// <summary>Augmenting and normalising a batch, nothing else.</summary>
    Load,

    /// <summary>Forward passes of one image that the caller hands over as floats, until its logits are back.</summary>
    Latency,

    /// <summary>Whole steps with and without looking for what is not finite, in turn.</summary>
    Checks,
}

/// <summary>Steps that were run and timed.</summary>
/// <param name="Seconds">Of each timed step.</param>
/// <param name="BytesPerStep">Managed memory that a step allocates after warming up, the median of some.</param>
/// <param name="FirstStepSeconds">From the start of the process to the end of the first step.</param>
internal sealed record BenchRun(double[] Seconds, long BytesPerStep, double FirstStepSeconds)
{
    // The just-in-time compiler replaces hot methods some hundred milliseconds after their first calls; two seconds are past that.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private const int WarmUpSteps = 3, AllocationSteps = 5;

    public double Median { get; } = MedianOf(Seconds);

    /// <summary>Runs steps on random pixels: some to warm up, then the timed ones, of which a profiled network keeps the profile.</summary>
    public static BenchRun Measure(ResNet network, BenchMode mode, int steps)
    {
        int n = network.Options.BatchSize;
        var (pixels, labels) = RandomImages(network.Architecture, n);
        using var images = network.LoadImages(pixels, labels);
        if (network.Options.Training) network.BeginEpoch(images, 0, [.. Enumerable.Range(0, n)], [0.001]);
        float[] values = Array.ConvertAll(pixels, pixel => pixel / 64f - 2), logits = new float[n * network.Architecture.Classes];

        double firstStep;
        var bytes = new double[AllocationSteps];
        using (network.Timeline.OpenUncounted("warm-up"))
        {
            long begin = Stopwatch.GetTimestamp();
            Once();
            firstStep = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds;
            for (int step = 1; step < WarmUpSteps || Stopwatch.GetElapsedTime(begin) < WarmUp; step++) Once();

            // Not in the timed steps: an exact count stops all threads for a moment.
            for (int step = 0; step < AllocationSteps; step++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                Once();
                bytes[step] = GC.GetTotalAllocatedBytes(precise: true) - before;
            }
        }

        var seconds = new double[steps];
        if (network.Options.Profile) network.ResetProfile();
        for (int step = 0; step < steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            Once();
            seconds[step] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return new(seconds, (long)MedianOf(bytes), firstStep);

        void Once()
        {
            switch (mode)
            {
                case BenchMode.Train: network.TrainStep(images, 0, 0, n); break;
                case BenchMode.Infer: network.Evaluate(images, 0, n); break;
                case BenchMode.Load: network.Augment(images, 0, n); break;
                default: network.Infer(values, logits); break;
            }
            // A device that works asynchronously has to be finished, and the totals are what says so.
            network.ReadTotals();
        }
    }

    /// <summary>Images and labels that are the same each time.</summary>
    public static (byte[] Pixels, byte[] Labels) RandomImages(ArchitectureSpec architecture, int n)
    {
        var random = new Random(1);
        var pixels = new byte[n * architecture.Input.Size];
        random.NextBytes(pixels);
        var labels = new byte[n];
        for (int i = 0; i < n; i++) labels[i] = (byte)random.Next(architecture.Classes);
        return (pixels, labels);
    }

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double MedianOf(double[] values)
    {
        var sorted = values.Order().ToArray();
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
