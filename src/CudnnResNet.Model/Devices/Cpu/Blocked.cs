namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// The cpu device's private layouts. Activations: (N, C/16, H, W, 16), so that one pixel's 16 channels are one AVX-512 register, two
/// AVX2 registers or four of Neon. Weights: (K/16, C/16, 3, 3, 16 c, 16 k); of the first layer (K/16, 27, 16 k).
/// </summary>
internal static class Blocked
{
    /// <summary>Channels in a block, whatever the register's width: the memory layout is the same on every machine.</summary>
    public const int Lanes = 16;

    /// <summary>Weights of one tap between two channel blocks: 16 input channels times 16 output channels.</summary>
    public const int Square = Lanes * Lanes;

    /// <summary>Taps of a 3x3 kernel.</summary>
    public const int Taps = 9;

    /// <summary>Whether the convolution reads a planar image instead of channel blocks: the first layer.</summary>
    public static bool IsPlanar(ConvNormSpec spec) => spec.X.C % Lanes != 0;

    /// <summary>Where w[k, c, tap] lies.</summary>
    public static int Weight(ConvNormSpec spec, int k, int c, int tap) => IsPlanar(spec)
        ? ((k / Lanes * spec.X.C + c) * Taps + tap) * Lanes + k % Lanes
        : ((k / Lanes * (spec.X.C / Lanes) + c / Lanes) * Taps + tap) * Square + c % Lanes * Lanes + k % Lanes;

    /// <summary>Where element (c, pixel) of one image lies.</summary>
    public static int Element(Shape shape, int c, int pixel) => (c / Lanes * shape.Plane + pixel) * Lanes + c % Lanes;

    /// <summary>
    /// transposed[c block, k block, tap, k, c] = w[k block, c block, tap, c, k] for one pair of blocks, numbered as in transposed.
    /// </summary>
    public static unsafe void Transpose(ConvNormSpec spec, int pair, float* w, float* transposed)
    {
        int inBlocks = spec.X.C / Lanes, outBlocks = spec.Y.C / Lanes;
        int c = pair / outBlocks, k = pair % outBlocks;
        for (int tap = 0; tap < Taps; tap++)
        {
            float* source = w + ((k * inBlocks + c) * Taps + tap) * Square;
            float* destination = transposed + (pair * Taps + tap) * Square;
            for (int row = 0; row < Lanes; row++)
                for (int column = 0; column < Lanes; column++)
                    destination[column * Lanes + row] = source[row * Lanes + column];
        }
    }
}
