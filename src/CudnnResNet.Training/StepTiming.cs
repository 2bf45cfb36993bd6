using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>What an image costs on this machine, from a few steps.</summary>
internal static class StepTiming
{
    private const double MostSeconds = 3;
    private const int LeastSteps = 3, MostSteps = 8;

    /// <summary>Seconds of a training step for each of its images. Weights and velocities are as before when it returns.</summary>
    /// <param name="network">For training.</param>
    /// <param name="images">On its device; at least <paramref name="n"/>.</param>
    /// <param name="n">Images of a step.</param>
    /// <param name="seed">Of the order.</param>
    public static double SecondsPerImage(ResNet network, DeviceImages images, int n, ulong seed)
    {
        using var range = network.Timeline.OpenUncounted("estimate");
        StateDict state = network.State(), momentum = network.Momentum();
        network.BeginEpoch(images, 0, EpochOrder.Create(images.Count, 0, seed), new double[1]);
        double fastest = Fastest(() =>
        {
            network.TrainStep(images, 0, 0, n);
            _ = network.ReadTotals();
        });
        network.Load(state);
        network.LoadMomentum(momentum);
        if (network.Options.Profile) network.ResetProfile();
        return fastest / n;
    }

    /// <summary>Seconds of an evaluation for each image.</summary>
    public static double SecondsPerEvaluatedImage(ResNet network, DeviceImages images)
    {
        int n = Math.Min(network.Options.BatchSize, images.Count);
        return Fastest(() =>
        {
            network.Evaluate(images, 0, n);
            _ = network.ReadTotals();
        }) / n;
    }

    // The first steps compile the code they run, for seconds where the processor is slow; the fastest of the rest is what a long run comes to.
    private static double Fastest(Action step)
    {
        double fastest = double.MaxValue;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MostSteps && (i < LeastSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < MostSeconds); i++)
        {
            long before = Stopwatch.GetTimestamp();
            step();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        return fastest;
    }
}
