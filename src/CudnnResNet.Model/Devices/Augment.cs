namespace CudnnResNet.Model.Devices;

/// <summary>How training images are cropped.</summary>
public enum Crop
{
    /// <summary>A random 32x32 window of the image padded with 4 zero pixels on each side: 81 places (He et al. 2015, section 4.2).</summary>
    Random,

    /// <summary>One of five windows of the padded image: the four corners and the centre.</summary>
    Five,

    /// <summary>The image as it is.</summary>
    None,
}

/// <summary>How images become the network's input.</summary>
/// <param name="Normalization">Pixel value to float.</param>
/// <param name="Crop">How training images are cropped.</param>
/// <param name="Flip">Whether half of the training images are mirrored left to right.</param>
/// <param name="Seed">Key of the random numbers.</param>
internal sealed record AugmentSpec(Normalization Normalization, Crop Crop, bool Flip, ulong Seed)
{
    /// <summary>Zero pixels added on each side before cropping (section 4.2).</summary>
    public const int Padding = 4;

    /// <summary>Where the window of a training image begins, relative to the unpadded image (-4..4), and whether it is mirrored.</summary>
    /// <remarks>Every device calls this or computes the same numbers: counter (sample, epoch, purpose, 0).</remarks>
    public (int Dy, int Dx, bool Mirror) Place(int sample, int epoch)
    {
        var crop = Philox.Draw(Seed, (uint)sample, (uint)epoch, RandomPurpose.Crop);
        const int places = 2 * Padding + 1;
        (int dy, int dx) = Crop switch
        {
            Crop.Random => (Philox.Below(crop.A, places) - Padding, Philox.Below(crop.B, places) - Padding),
            Crop.Five => Philox.Below(crop.A, 5) switch
            {
                0 => (-Padding, -Padding),
                1 => (-Padding, Padding),
                2 => (Padding, -Padding),
                3 => (Padding, Padding),
                _ => (0, 0),
            },
            _ => (0, 0),
        };
        bool mirror = Flip && (Philox.Draw(Seed, (uint)sample, (uint)epoch, RandomPurpose.Flip).A & 0x8000_0000) != 0;
        return (dy, dx, mirror);
    }
}

/// <summary>Images and labels that live on a device as bytes, and the order in which an epoch visits them.</summary>
internal abstract class ImageSet(int count) : IDisposable
{
    /// <summary>Images in the set.</summary>
    public int Count { get; } = count;

    /// <summary>Sets the epoch and its order: position i of the epoch is image order[i]. Until then the order is 0, 1, 2, …</summary>
    public abstract void SetOrder(int epoch, ReadOnlySpan<int> order);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>The augmentation unit of one device: bytes to x, and labels beside them.</summary>
internal abstract class AugmentUnit(AugmentSpec spec)
{
    /// <summary>What the unit does.</summary>
    public AugmentSpec Spec { get; } = spec;

    /// <summary>
    /// Training: crops, mirrors and normalises the images at positions first..first+n of the set's order.
    /// Inference: normalises the images first..first+n as they are, in the set's own order.
    /// </summary>
    /// <remarks>
    /// Padding pixels are byte 0 before normalisation with per-channel constants, and 0 after subtraction of the mean image
    /// (<see cref="Normalization.PixelMean"/>). The floats are the same on every device, bit for bit.
    /// </remarks>
    public abstract void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels);
}
