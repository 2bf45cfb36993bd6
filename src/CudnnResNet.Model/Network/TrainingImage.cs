using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>A training image as a network sees it, for people to look at.</summary>
public static class TrainingImage
{
    private const int Levels = 256;

    // With the identity in the place of the normalisation, what the devices compute from are the bytes themselves.
    private static readonly float[] Bytes = [.. Enumerable.Range(0, 3 * Levels).Select(entry => (float)(entry % Levels))]; // (3, 256)

    /// <summary>Crops and mirrors an image as a training step does, without normalising it; what lies outside the image is black.</summary>
    /// <param name="options">Whose <see cref="NetworkOptions.Crop"/>, <see cref="NetworkOptions.Flip"/> and <see cref="NetworkOptions.Seed"/> decide.</param>
    /// <param name="image">(3, 32, 32) bytes.</param>
    /// <param name="sample">The image's index in the training set.</param>
    /// <param name="epoch">0-based.</param>
    /// <returns>(3, 32, 32) bytes.</returns>
    /// <exception cref="InvalidSettingException">The image has another size.</exception>
    public static byte[] Augment(NetworkOptions options, ReadOnlySpan<byte> image, int sample, int epoch)
    {
        if (image.Length != AugmentSpec.ImageSize) throw new InvalidSettingException($"{image.Length} bytes are not an image of {AugmentSpec.ImageSize}");
        var spec = new AugmentSpec(options.Normalization, options.Crop, options.Flip, options.Seed);
        Span<float> pixels = new float[AugmentSpec.ImageSize];
        AugmentSpec.Pixels(image, spec.Place(sample, epoch), Bytes, mean: [], pixels);
        var bytes = new byte[AugmentSpec.ImageSize];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)pixels[i];
        return bytes;
    }
}
