using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>How a network does on a set of images, with the running statistics.</summary>
/// <param name="Images">Images counted.</param>
/// <param name="Wrong">Images whose largest logit was not the label's.</param>
/// <param name="LossSum">Sum of the cross-entropy over the images, in nats.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record Evaluation(long Images, long Wrong, double LossSum, double Seconds)
{
    /// <summary>Fraction of images that were wrong, 0..1.</summary>
    public double Error => (double)Wrong / Images;

    /// <summary>Mean cross-entropy, in nats.</summary>
    public double Loss => LossSum / Images;

    /// <summary>Images per second.</summary>
    public double ImagesPerSecond => Images / Seconds;

    /// <summary>The one form in which an error is told: <c>test error 8.04 % (804 of 10000)</c>.</summary>
    /// <param name="set">Which images: <c>test</c>, <c>validation</c>, <c>train</c>.</param>
    public string Describe(string set = "test") => FormattableString.Invariant($"{set} error {Error * 100:F2} % ({Wrong} of {Images})");
}

/// <summary>Counts a network's errors.</summary>
public static class Evaluator
{
    /// <summary>Evaluates every image, in batches of the network's planned size. The network's totals are overwritten.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled between two batches.</exception>
    public static Evaluation Run(ResNet network, LabelledImages images, CancellationToken cancellation = default)
    {
        using var loaded = network.LoadImages(images.Pixels, images.Labels);
        return Run(network, loaded, cancellation);
    }

    /// <summary>A network with a file's weights, for inference over these images.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="images">Decide the size of the last batch.</param>
    /// <param name="options">Device, batch size, normalisation, and what is to be looked at.</param>
    internal static ResNet Open(WeightsFile file, LabelledImages images, NetworkOptions options)
    {
        using var owned = new DisposeOnFailure();
        var network = owned.Add(new ResNet(file.Architecture, options with { Training = false, OtherBatchSizes = LastBatch(images.Count, options.BatchSize) }));
        network.Load(file.State);
        owned.Release();
        return network;
    }

    /// <summary>The size of the last batch of so many images where it is smaller than the others; for <see cref="NetworkOptions.OtherBatchSizes"/>.</summary>
    public static int[] LastBatch(int images, int batchSize) => batchSize > 0 && images % batchSize is > 0 and var rest ? [rest] : [];

    /// <summary>The same for images that are on the network's device already.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled between two batches.</exception>
    public static Evaluation Run(ResNet network, DeviceImages images, CancellationToken cancellation = default)
    {
        if (images.Count == 0) throw new InvalidSettingException("there are no images to evaluate");
        using var range = network.Timeline.Open("evaluation");
        long start = Stopwatch.GetTimestamp();
        network.ResetTotals();
        for (int first = 0; first < images.Count; first += network.Options.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            network.Evaluate(images, first, Math.Min(network.Options.BatchSize, images.Count - first));
        }
        var totals = network.ReadTotals();
        return new(totals.Images, totals.Images - totals.Correct, totals.LossSum, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
