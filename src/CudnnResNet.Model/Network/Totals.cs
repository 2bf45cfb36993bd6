namespace CudnnResNet.Model;

/// <summary>What a network has counted since <see cref="ResNet.ResetTotals"/>.</summary>
/// <param name="Images">Images seen.</param>
/// <param name="LossSum">Sum over images of the cross-entropy, in nats.</param>
/// <param name="Correct">Images whose largest logit was the label's: the first of equals; with a NaN among the logits the image is wrong.</param>
public readonly record struct Totals(long Images, double LossSum, long Correct)
{
    /// <summary>Mean cross-entropy, in nats.</summary>
    public double Loss => LossSum / Images;

    /// <summary>Fraction of images that were wrong, 0..1.</summary>
    public double Error => 1 - (double)Correct / Images;
}
