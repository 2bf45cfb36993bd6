using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The 36 independent matrix products of a Winograd convolution.</summary>
/// <remarks>
/// Rows of the <see cref="ProductTile{TLanes}"/> are tiles; its second half is the next block of output channels, or 8 further tiles
/// where there is none. Tiles come in multiples of 8; what the surplus ones hold is never read.
/// A third at a time, one pair of rows of the 6x6: so much of v and u fits the first-level cache beside what is written.
/// </remarks>
internal static unsafe class WinogradProducts<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Products, and tiles in one half of a tile of products.</summary>
    public const int Count = 36, Tile = ProductTile<TLanes>.Rows;

    private const int Third = WinogradTransforms<TLanes>.OfPair;

    /// <summary>m[xi] = v[xi] u[xi] for a third of the 36 products.</summary>
    /// <param name="inBlocks">Blocks of input channels.</param>
    /// <param name="outBlocks">Blocks of output channels.</param>
    /// <param name="tiles">Tiles, a multiple of 8.</param>
    /// <param name="v">(12, C/16, tiles, 16), vXi floats from one xi to the next.</param>
    /// <param name="vXi">See v.</param>
    /// <param name="u">(12, K/16, C/16, 16 c, 16 k).</param>
    /// <param name="m">(12, K/16, tiles, 16), mXi floats from one xi to the next.</param>
    /// <param name="mXi">See m.</param>
    /// <param name="next">What to fetch meanwhile.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Multiply(int inBlocks, int outBlocks, int tiles, float* v, nint vXi, float* u, float* m, nint mXi, Prefetcher next)
    {
        int row = tiles * Blocked.Lanes, weights = inBlocks * Blocked.Square;
        int* vBlocks = stackalloc int[inBlocks], uBlocks = stackalloc int[inBlocks];
        for (int i = 0; i < inBlocks; i++) (vBlocks[i], uBlocks[i]) = (i * row, i * Blocked.Square);
        var segments = new Segments(inBlocks, vBlocks, uBlocks, Blocked.Lanes);
        for (int xi = 0; xi < Third; xi++, v += vXi, m += mXi, u += outBlocks * weights)
        {
            next.Step();
            One(&segments, outBlocks, weights, tiles, v, u, m);
        }
    }

    /// <summary>One product m = v u.</summary>
    /// <param name="segments">The parts of the sum over input channels.</param>
    /// <param name="outBlocks">Blocks of output channels.</param>
    /// <param name="weights">Floats from one of them to the next in u.</param>
    /// <param name="tiles">Tiles, a multiple of 8.</param>
    [MethodImpl(Jit.Kernel)]
    public static void One(Segments* segments, int outBlocks, int weights, int tiles, float* v, float* u, float* m)
    {
        int row = tiles * Blocked.Lanes, half = Tile * Blocked.Lanes, block = 0;
        if (ProductTile<TLanes>.HasBothHalves)
        {
            for (; block + 2 <= outBlocks; block += 2)
                for (int t = 0; t < row; t += half)
                    ProductTile<TLanes>.Run<Pixels, MoreWeights, Stored>(segments, v + t, u + block * weights, weights, m + block * row + t, row);
        }
        for (; block < outBlocks; block++)
            for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                OneBlock(segments, row, v, u + block * weights + part, m + block * row + part);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneBlock(Segments* segments, int row, float* v, float* u, float* m)
    {
        int t = 0, half = Tile * Blocked.Lanes;
        if (ProductTile<TLanes>.HasBothHalves)
        {
            for (; t + 2 * half <= row; t += 2 * half)
                ProductTile<TLanes>.Run<Pixels, MoreRows, Stored>(segments, v + t, u, half, m + t, half);
        }
        for (; t < row; t += half) ProductTile<TLanes>.Run<Pixels, OneHalf, Stored>(segments, v + t, u, 0, m + t, 0);
    }

    /// <summary>s[xi] = v[xi]^T z[xi], or s[xi] += that, for a third of the 36 products: the gradient of the transformed weights, (12, K/16, C/16, 16 c, 16 k).</summary>
    /// <param name="tiles">As in <see cref="Multiply"/>.</param>
    /// <param name="used">The tiles that are not surplus.</param>
    [MethodImpl(Jit.Kernel)]
    public static void MultiplyTransposed<TResult>(int inBlocks, int outBlocks, int tiles, int used, float* v, nint vXi, float* z, nint zXi, float* s, Prefetcher next) where TResult : struct, IResult
    {
        for (int xi = 0; xi < Third; xi++, v += vXi, z += zXi, s += inBlocks * outBlocks * Blocked.Square)
        {
            next.Step();
            OneTransposed<TResult>(inBlocks, outBlocks, tiles, used, v, z, s);
        }
    }

    /// <summary>One product s = v^T z, or s += that.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void OneTransposed<TResult>(int inBlocks, int outBlocks, int tiles, int used, float* v, float* z, float* s) where TResult : struct, IResult
    {
        int row = tiles * Blocked.Lanes, zero = 0;
        var segments = new Segments(1, &zero, &zero, used);
        for (int k = 0; k < outBlocks; k++)
            for (int c = 0; c < inBlocks; c++, s += Blocked.Square)
                DirectBackwardFilter<TLanes>.Square<Channels, TResult>(&segments, v + c * row, z + k * row, s);
    }
}
