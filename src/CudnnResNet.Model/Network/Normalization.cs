namespace CudnnResNet.Model;

/// <summary>
/// How pixel bytes become floats: x = (v / 255 - mean[c]) / std[c], or x = v / 255 - pixelMean[c, y, x].
/// </summary>
public sealed record Normalization
{
    private const int PixelCount = 3 * 32 * 32;

    private Normalization(string name, double[] mean, double[] std, float[]? pixelMean)
    {
        Name = name;
        Mean = mean;
        Std = std;
        PixelMean = pixelMean;
    }

    /// <summary>What the weights file calls it: <c>channel</c>, <c>pixel</c>, <c>reference</c> or <c>imagenet</c>.</summary>
    public string Name { get; }

    /// <summary>Mean of each channel, of values in 0..1.</summary>
    public double[] Mean { get; }

    /// <summary>Standard deviation of each channel.</summary>
    public double[] Std { get; }

    /// <summary>The mean image (3, 32, 32) of values in 0..1 where it is subtracted instead of the channels' means (section 4.2), else null.</summary>
    public float[]? PixelMean { get; }

    /// <summary>
    /// The reference project's constants. It derived all three channels from the first and computed them over the training
    /// and the test images, so the test set has leaked into them; kept because its published weights need them.
    /// </summary>
    public static Normalization Reference { get; } = new("reference",
        [0.4918687901200927, 0.49185976472299225, 0.4918583862227116],
        [0.24697121702736, 0.24696766978537033, 0.2469719877121087], null);

    /// <summary>ImageNet's constants, which other well-known CIFAR-10 implementations use.</summary>
    public static Normalization ImageNet { get; } = new("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], null);

    /// <summary>Per-channel constants under a name of the caller's.</summary>
    public static Normalization Channel(ReadOnlySpan<double> mean, ReadOnlySpan<double> std, string name = "channel") =>
        new(name, mean.ToArray(), std.ToArray(), null);

    /// <summary>The paper's: the mean image is subtracted, nothing is divided.</summary>
    public static Normalization Pixel(ReadOnlySpan<float> pixelMean) => pixelMean.Length == PixelCount
        ? new("pixel", [0, 0, 0], [1, 1, 1], pixelMean.ToArray())
        : throw new InvalidSettingException($"a mean image has {PixelCount} values (3, 32, 32), not {pixelMean.Length}");

    /// <summary>The float of every byte in every channel: (3, 256), computed in double and rounded once.</summary>
    public float[] Table()
    {
        var table = new float[3 * 256];
        for (int c = 0; c < 3; c++)
            for (int v = 0; v < 256; v++)
                table[c * 256 + v] = (float)((v / 255.0 - Mean[c]) / Std[c]);
        return table;
    }
}
