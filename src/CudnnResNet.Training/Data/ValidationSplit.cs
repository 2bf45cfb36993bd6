using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Holds back part of the training images, so that settings can be chosen without looking at the test images
/// (He et al. 2015, section 4.2: 45,000 to train with, 5,000 to validate with).
/// </summary>
public static class ValidationSplit
{
    /// <summary>Splits a set at random; both parts keep the set's order.</summary>
    /// <param name="images">All training images.</param>
    /// <param name="held">Images to hold back: 1..Count-1.</param>
    /// <param name="seed">Key of the random choice.</param>
    /// <exception cref="InvalidSettingException">Nothing would be left on one side.</exception>
    public static (LabelledImages Train, LabelledImages Validation) Split(LabelledImages images, int held, ulong seed)
    {
        if (held < 1 || held >= images.Count)
            throw new InvalidSettingException($"--validation {held}: of {images.Count} training images, 1 to {images.Count - 1} can be held back");
        var order = new int[images.Count];
        EpochOrder.Shuffle(order, 0, seed, RandomPurpose.Validation);
        order.AsSpan(..held).Sort();
        order.AsSpan(held..).Sort();
        return (images.Select(order.AsSpan(held..)), images.Select(order.AsSpan(..held)));
    }
}
