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

    /// <summary>Rows and columns of an image, and its values in all three channels.</summary>
    public const int Side = 32, ImageSize = 3 * Side * Side;

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

    /// <summary>The floats of one image: cropped, mirrored, normalised. Every device calls this or repeats it bit for bit.</summary>
    /// <remarks>
    /// x = table[c, v] for a pixel of value v, with the mean image x = table[c, v] - mean[c, y, x], one float subtraction, where (y, x)
    /// is the pixel's place in the unpadded image (the paper subtracts before it pads). Outside the image: table[c, 0], a black pixel,
    /// or 0 with the mean image.
    /// </remarks>
    /// <param name="image">(3, 32, 32) bytes.</param>
    /// <param name="place">From <see cref="Place"/>; the default value leaves the image as it is.</param>
    /// <param name="table">From <see cref="Normalization.Table"/>: (3, 256).</param>
    /// <param name="mean"><see cref="Normalization.PixelMean"/> (3, 32, 32), or empty.</param>
    /// <param name="x">(3, 32, 32) floats.</param>
    public static void Pixels(ReadOnlySpan<byte> image, (int Dy, int Dx, bool Mirror) place, ReadOnlySpan<float> table, ReadOnlySpan<float> mean, Span<float> x)
    {
        for (int c = 0; c < 3; c++)
        {
            float outside = mean.IsEmpty ? table[c * 256] : 0;
            for (int row = 0; row < Side; row++)
            {
                for (int column = 0; column < Side; column++)
                {
                    // The window is cut first, then mirrored.
                    int fromRow = row + place.Dy, fromColumn = (place.Mirror ? Side - 1 - column : column) + place.Dx;
                    bool inside = (uint)fromRow < Side && (uint)fromColumn < Side;
                    int from = (c * Side + fromRow) * Side + fromColumn;
                    x[(c * Side + row) * Side + column] = !inside ? outside : table[c * 256 + image[from]] - (mean.IsEmpty ? 0 : mean[from]);
                }
            }
        }
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
    /// The other modes: normalises the images first..first+n as they are, in the set's own order.
    /// </summary>
    /// <remarks>
    /// Padding pixels are byte 0 before normalisation with per-channel constants, and 0 after subtraction of the mean image
    /// (<see cref="Normalization.PixelMean"/>). The floats are the same on every device, bit for bit: <see cref="AugmentSpec.Pixels"/>.
    /// </remarks>
    public abstract void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels);
}
