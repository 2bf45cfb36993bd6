using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>Images of 32x32 pixels in three colours, and the class of each.</summary>
public sealed class LabelledImages
{
    /// <summary>Bytes of one image: (3, 32, 32), red before green before blue.</summary>
    public const int ImageBytes = 3 * 32 * 32;

    /// <summary>Classes in every data set of this engine.</summary>
    public const int ClassCount = 10;

    /// <summary>Takes the arrays as they are, without a copy.</summary>
    /// <param name="pixels">(N, 3, 32, 32).</param>
    /// <param name="labels">N bytes, each below 10.</param>
    /// <exception cref="InvalidSettingException">The lengths do not belong together, or a label is 10 or more.</exception>
    public LabelledImages(byte[] pixels, byte[] labels)
    {
        if (pixels.LongLength != (long)labels.Length * ImageBytes)
            throw new InvalidSettingException($"{labels.Length} labels need {(long)labels.Length * ImageBytes} pixel bytes (N, 3, 32, 32), not {pixels.LongLength}");
        int wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(ClassCount - 1));
        if (wrong >= 0)
            throw new InvalidSettingException($"label {labels[wrong]} of image {wrong} is not below {ClassCount}");
        Pixels = pixels;
        Labels = labels;
    }

    /// <summary>(N, 3, 32, 32).</summary>
    public byte[] Pixels { get; }

    /// <summary>The class of each image, below 10.</summary>
    public byte[] Labels { get; }

    /// <summary>Images in the set, N.</summary>
    public int Count => Labels.Length;

    /// <summary>The pixels of one image, (3, 32, 32).</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * ImageBytes, ImageBytes);

    /// <summary>A copy of the images with these indices, in this order.</summary>
    public LabelledImages Select(ReadOnlySpan<int> indices)
    {
        var pixels = new byte[indices.Length * ImageBytes];
        var labels = new byte[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            Image(indices[i]).CopyTo(pixels.AsSpan(i * ImageBytes));
            labels[i] = Labels[indices[i]];
        }
        return new LabelledImages(pixels, labels);
    }

    /// <summary>How many images each of the 10 classes has.</summary>
    public int[] CountPerClass()
    {
        var counts = new int[ClassCount];
        foreach (byte label in Labels)
            counts[label]++;
        return counts;
    }
}

/// <summary>What a network is trained on and tested with.</summary>
/// <param name="Name"><c>cifar10</c> or <c>synthetic</c>.</param>
/// <param name="Train">The images to learn from.</param>
/// <param name="Test">The images that are only ever counted.</param>
/// <param name="Source">Where the images come from, for people: a folder, or what was drawn.</param>
/// <param name="ClassNames">A name for each of the 10 labels.</param>
public sealed record DataSet(string Name, LabelledImages Train, LabelledImages Test, string Source, IReadOnlyList<string> ClassNames)
{
    /// <summary>True where the images were drawn by this program, so that no result on them says anything about CIFAR-10.</summary>
    public bool IsSynthetic => Name == Synthetic.Name;
}
