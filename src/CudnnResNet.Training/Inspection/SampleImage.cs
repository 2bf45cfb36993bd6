using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>An image to show to people.</summary>
/// <param name="Pixels">(3, 32, 32) bytes.</param>
/// <param name="Label">Its class, below 10.</param>
public sealed record SampleImage(byte[] Pixels, int Label)
{
    /// <summary>The first images of a set, as they are: what a network is tested on.</summary>
    /// <param name="images">The set.</param>
    /// <param name="count">How many; fewer where the set is smaller.</param>
    public static IReadOnlyList<SampleImage> OfTest(LabelledImages images, int count = 9) =>
        [.. Enumerable.Range(0, Math.Min(count, images.Count)).Select(image => new SampleImage(images.Image(image).ToArray(), images.Labels[image]))];

    /// <summary>The first images of an epoch, cropped and mirrored: what a network is trained on.</summary>
    /// <param name="images">The images that are learnt, without those held back.</param>
    /// <param name="options">The network's: crop, mirroring and seed.</param>
    /// <param name="epoch">0-based.</param>
    /// <param name="count">How many; fewer where the set is smaller.</param>
    public static IReadOnlyList<SampleImage> OfTraining(LabelledImages images, NetworkOptions options, int epoch = 0, int count = 9) =>
        [.. EpochOrder.Create(images.Count, epoch, options.Seed).Take(count)
            .Select(image => new SampleImage(TrainingImage.Augment(options, images.Image(image), image, epoch), images.Labels[image]))];
}
