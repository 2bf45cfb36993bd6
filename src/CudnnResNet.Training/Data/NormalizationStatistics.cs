using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Normalisation constants from training images. The sums are integers, so the constants are the same on every machine and for
/// every number of threads; they become doubles only at the end.
/// </summary>
public static class NormalizationStatistics
{
    private const int PlanePixels = 32 * 32;

    /// <summary>What to tell the user of <c>--normalize reference</c>.</summary>
    public const string ReferenceNotice =
        "the reference project's constants were computed from the training and the test images, so the test set has leaked into them";

    /// <summary>Finds constants by the name of the option <c>--normalize</c>.</summary>
    /// <param name="name"><c>channel</c>, <c>pixel</c> or <c>reference</c>.</param>
    /// <param name="train">The images to compute them from; <c>reference</c> does not look at them.</param>
    /// <exception cref="InvalidSettingException">Another name, or no images.</exception>
    public static Normalization Create(string name, LabelledImages train) => name switch
    {
        "channel" => Channel(train),
        "pixel" => Pixel(train),
        "reference" => Normalization.Reference,
        _ => throw new InvalidSettingException($"--normalize {name}: allowed are channel, pixel, reference"),
    };

    /// <summary>Mean and standard deviation (over all pixels, not the sample's) of each channel, of values in 0..1.</summary>
    /// <exception cref="InvalidSettingException">No images, or a channel whose pixels are all alike.</exception>
    public static Normalization Channel(LabelledImages train)
    {
        RequireImages(train);
        var sum = new long[3];
        var squares = new long[3];
        for (int plane = 0; plane < train.Count * 3; plane++)
        {
            int planeSum = 0, planeSquares = 0; // at most 1,024 * 255 * 255 = 66,585,600
            foreach (byte v in train.Pixels.AsSpan(plane * PlanePixels, PlanePixels))
            {
                planeSum += v;
                planeSquares += v * v;
            }
            sum[plane % 3] += planeSum;
            squares[plane % 3] += planeSquares;
        }

        var mean = new double[3];
        var std = new double[3];
        long n = (long)train.Count * PlanePixels;
        for (int c = 0; c < 3; c++)
        {
            // n * squares - sum * sum reaches 1.7e20 with 50,000 images, more than a long holds.
            Int128 spread = (Int128)n * squares[c] - (Int128)sum[c] * sum[c];
            if (spread == 0)
                throw new InvalidSettingException($"--normalize channel: all pixels of channel {c} are {sum[c] / n}, so they have no standard deviation");
            mean[c] = sum[c] / (255.0 * n);
            std[c] = Math.Sqrt((double)spread) / (255.0 * n);
        }
        return Normalization.Channel(mean, std);
    }

    /// <summary>The mean image, of values in 0..1 (section 4.2: "with the per-pixel mean subtracted").</summary>
    /// <exception cref="InvalidSettingException">No images.</exception>
    public static Normalization Pixel(LabelledImages train)
    {
        RequireImages(train);
        var sum = new long[LabelledImages.ImageBytes];
        for (int i = 0; i < train.Count; i++)
        {
            var image = train.Image(i);
            for (int p = 0; p < sum.Length; p++)
                sum[p] += image[p];
        }
        var mean = new float[sum.Length];
        for (int p = 0; p < mean.Length; p++)
            mean[p] = (float)(sum[p] / (255.0 * train.Count));
        return Normalization.Pixel(mean);
    }

    private static void RequireImages(LabelledImages train)
    {
        if (train.Count == 0)
            throw new InvalidSettingException("normalisation constants need at least one training image");
    }
}
