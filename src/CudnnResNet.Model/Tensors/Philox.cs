namespace CudnnResNet.Model;

/// <summary>What a random number is drawn for; part of the counter, so that two purposes never share numbers.</summary>
internal enum RandomPurpose : uint
{
    /// <summary>The order of the training images in an epoch.</summary>
    Order = 0,

    /// <summary>Where an image is cropped.</summary>
    Crop = 1,

    /// <summary>Whether an image is mirrored.</summary>
    Flip = 2,

    /// <summary>The initial weights.</summary>
    Weights = 3,

    /// <summary>The synthetic data set.</summary>
    Synthetic = 4,

    /// <summary>Which training images are held back for validation.</summary>
    Validation = 5,

    /// <summary>Images and labels for comparisons between devices.</summary>
    Comparison = 6,
}

/// <summary>
/// Philox 4x32-10, a counter-based random number generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
/// </summary>
/// <remarks>
/// The key is the seed, the counter is (sample, epoch, purpose, draw): any number can be computed at any time by any thread
/// on any device, and nothing has to be saved to resume.
/// </remarks>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>Four independent random words for one counter.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="sample">First counter word: the image, the weight, the position.</param>
    /// <param name="epoch">Second counter word.</param>
    /// <param name="purpose">Third counter word.</param>
    /// <param name="draw">Fourth counter word.</param>
    public static (uint A, uint B, uint C, uint D) Draw(ulong seed, uint sample, uint epoch, RandomPurpose purpose, uint draw = 0)
    {
        uint a = sample, b = epoch, c = (uint)purpose, d = draw;
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * a, product1 = (ulong)Multiplier1 * c;
            (a, b, c, d) = ((uint)(product1 >> 32) ^ b ^ key0, (uint)product1, (uint)(product0 >> 32) ^ d ^ key1, (uint)product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        return (a, b, c, d);
    }

    /// <summary>A whole number in [0, <paramref name="limit"/>) by multiply-high; its bias is below limit / 2^32.</summary>
    public static int Below(uint word, int limit) => (int)(((ulong)word * (uint)limit) >> 32);

    /// <summary>A double in (0, 1] with 53 random bits, never 0, so that its logarithm is finite.</summary>
    public static double Unit(uint high, uint low) => ((((ulong)high << 32 | low) >> 11) + 0.5) * (1.0 / (1UL << 53));
}
