using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>Images of 32x32 pixels in three colours, and the class of each.</summary>
public sealed class LabelledImages
{
    /// <summary>Bytes of one image: (3, 32, 32), red before green before blue.</summary>
    public const int ImageBytes = 3 * 32 * 32;

    /// <summary>Takes the arrays as they are, without a copy.</summary>
    /// <param name="pixels">(N, 3, 32, 32).</param>
    /// <param name="labels">N bytes, each below <paramref name="classes"/>.</param>
    /// <param name="classes">Classes there are, 2..256; not every one needs an image.</param>
    /// <exception cref="InvalidSettingException">The lengths do not belong together, or a label is not below the number of classes.</exception>
    public LabelledImages(byte[] pixels, byte[] labels, int classes = ArchitectureSpec.Cifar10Classes)
    {
        if (classes is < ArchitectureSpec.MinClasses or > ArchitectureSpec.MaxClasses)
            throw new InvalidSettingException($"{classes} classes are not within {ArchitectureSpec.MinClasses}..{ArchitectureSpec.MaxClasses}");
        if (pixels.LongLength != (long)labels.Length * ImageBytes)
            throw new InvalidSettingException($"{labels.Length} labels need {(long)labels.Length * ImageBytes} pixel bytes (N, 3, 32, 32), not {pixels.LongLength}");
        int wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0)
            throw new InvalidSettingException($"label {labels[wrong]} of image {wrong} is not below {classes}");
        Pixels = pixels;
        Labels = labels;
        Classes = classes;
    }

    /// <summary>(N, 3, 32, 32).</summary>
    public byte[] Pixels { get; }

    /// <summary>The class of each image, below <see cref="Classes"/>.</summary>
    public byte[] Labels { get; }

    /// <summary>Classes there are.</summary>
    public int Classes { get; }

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
        return new LabelledImages(pixels, labels, Classes);
    }

    /// <summary>How many images each class has.</summary>
    public int[] CountPerClass()
    {
        var counts = new int[Classes];
        foreach (byte label in Labels)
            counts[label]++;
        return counts;
    }
}
