using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The 36 independent matrix products of a Winograd convolution.</summary>
/// <remarks>
/// Tile: 8 tiles' numbers times one register of output channels, 8 accumulators; with AVX-512's 32 registers two blocks of output
/// channels share each input number: 10 loads for 16 FMAs instead of 18, where two loads go with two FMAs a cycle.
/// </remarks>
internal static unsafe class WinogradProducts<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Tile = 8, Products = 36;

    /// <summary>m[xi] = v[xi] u[xi] for all xi.</summary>
    /// <param name="inBlocks">Blocks of input channels.</param>
    /// <param name="outBlocks">Blocks of output channels.</param>
    /// <param name="tiles">Tiles.</param>
    /// <param name="v">(36, C/16, tiles, 16), vXi floats from one xi to the next.</param>
    /// <param name="vXi">See v.</param>
    /// <param name="u">(36, K/16, C/16, 16 c, 16 k).</param>
    /// <param name="m">(36, K/16, tiles, 16), mXi floats from one xi to the next.</param>
    /// <param name="mXi">See m.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Multiply(int inBlocks, int outBlocks, int tiles, float* v, nint vXi, float* u, float* m, nint mXi)
    {
        int row = tiles * Blocked.Lanes, weights = inBlocks * Blocked.Square;
        for (int xi = 0; xi < Products; xi++, v += vXi, m += mXi, u += outBlocks * weights)
        {
            int block = 0;
            if (TLanes.Count == Blocked.Lanes && tiles % Tile == 0)
            {
                for (; block + 2 <= outBlocks; block += 2)
                    for (int t = 0; t < row; t += Tile * Blocked.Lanes)
                        EightTilesTwoBlocks(v + t, inBlocks, row, u + block * weights, m + block * row + t, weights, row);
            }
            for (; block < outBlocks; block++)
                for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                    MultiplyPart(inBlocks, tiles, v, u + block * weights + part, m + block * row + part);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void MultiplyPart(int inBlocks, int tiles, float* v, float* u, float* m)
    {
        int t = 0, row = tiles * Blocked.Lanes;
        for (; t + Tile <= tiles; t += Tile) EightTiles(v + t * Blocked.Lanes, inBlocks, row, u, m + t * Blocked.Lanes);
        for (; t < tiles; t++) OneTile(v + t * Blocked.Lanes, inBlocks, row, u, m + t * Blocked.Lanes);
    }

    [MethodImpl(Jit.Kernel)]
    private static void EightTiles(float* v, int inBlocks, int inBlock, float* u, float* m)
    {
        TLanes m0 = TLanes.Zero, m1 = TLanes.Zero, m2 = TLanes.Zero, m3 = TLanes.Zero;
        TLanes m4 = TLanes.Zero, m5 = TLanes.Zero, m6 = TLanes.Zero, m7 = TLanes.Zero;
        for (int block = 0; block < inBlocks; block++, v += inBlock)
        {
            float* source = v;
            for (float* end = source + Blocked.Lanes; source < end; source++, u += Blocked.Lanes)
            {
                TLanes weight = TLanes.Load(u);
                m0 = TLanes.MultiplyAdd(source, weight, m0);
                m1 = TLanes.MultiplyAdd(source + Blocked.Lanes, weight, m1);
                m2 = TLanes.MultiplyAdd(source + 2 * Blocked.Lanes, weight, m2);
                m3 = TLanes.MultiplyAdd(source + 3 * Blocked.Lanes, weight, m3);
                m4 = TLanes.MultiplyAdd(source + 4 * Blocked.Lanes, weight, m4);
                m5 = TLanes.MultiplyAdd(source + 5 * Blocked.Lanes, weight, m5);
                m6 = TLanes.MultiplyAdd(source + 6 * Blocked.Lanes, weight, m6);
                m7 = TLanes.MultiplyAdd(source + 7 * Blocked.Lanes, weight, m7);
            }
        }
        TLanes.Store(m0, m);
        TLanes.Store(m1, m + Blocked.Lanes);
        TLanes.Store(m2, m + 2 * Blocked.Lanes);
        TLanes.Store(m3, m + 3 * Blocked.Lanes);
        TLanes.Store(m4, m + 4 * Blocked.Lanes);
        TLanes.Store(m5, m + 5 * Blocked.Lanes);
        TLanes.Store(m6, m + 6 * Blocked.Lanes);
        TLanes.Store(m7, m + 7 * Blocked.Lanes);
    }

    [MethodImpl(Jit.Kernel)]
    private static void EightTilesTwoBlocks(float* v, int inBlocks, int inBlock, float* u, float* m, int nextU, int nextM)
    {
        TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, a2 = TLanes.Zero, a3 = TLanes.Zero;
        TLanes a4 = TLanes.Zero, a5 = TLanes.Zero, a6 = TLanes.Zero, a7 = TLanes.Zero;
        TLanes b0 = TLanes.Zero, b1 = TLanes.Zero, b2 = TLanes.Zero, b3 = TLanes.Zero;
        TLanes b4 = TLanes.Zero, b5 = TLanes.Zero, b6 = TLanes.Zero, b7 = TLanes.Zero;
        for (int block = 0; block < inBlocks; block++, v += inBlock)
        {
            float* source = v;
            for (float* end = source + Blocked.Lanes; source < end; source++, u += Blocked.Lanes)
            {
                TLanes ua = TLanes.Load(u), ub = TLanes.Load(u + nextU);
                TLanes v0 = TLanes.Broadcast(*source);
                a0 = TLanes.MultiplyAdd(v0, ua, a0);
                b0 = TLanes.MultiplyAdd(v0, ub, b0);
                TLanes v1 = TLanes.Broadcast(source[Blocked.Lanes]);
                a1 = TLanes.MultiplyAdd(v1, ua, a1);
                b1 = TLanes.MultiplyAdd(v1, ub, b1);
                TLanes v2 = TLanes.Broadcast(source[2 * Blocked.Lanes]);
                a2 = TLanes.MultiplyAdd(v2, ua, a2);
                b2 = TLanes.MultiplyAdd(v2, ub, b2);
                TLanes v3 = TLanes.Broadcast(source[3 * Blocked.Lanes]);
                a3 = TLanes.MultiplyAdd(v3, ua, a3);
                b3 = TLanes.MultiplyAdd(v3, ub, b3);
                TLanes v4 = TLanes.Broadcast(source[4 * Blocked.Lanes]);
                a4 = TLanes.MultiplyAdd(v4, ua, a4);
                b4 = TLanes.MultiplyAdd(v4, ub, b4);
                TLanes v5 = TLanes.Broadcast(source[5 * Blocked.Lanes]);
                a5 = TLanes.MultiplyAdd(v5, ua, a5);
                b5 = TLanes.MultiplyAdd(v5, ub, b5);
                TLanes v6 = TLanes.Broadcast(source[6 * Blocked.Lanes]);
                a6 = TLanes.MultiplyAdd(v6, ua, a6);
                b6 = TLanes.MultiplyAdd(v6, ub, b6);
                TLanes v7 = TLanes.Broadcast(source[7 * Blocked.Lanes]);
                a7 = TLanes.MultiplyAdd(v7, ua, a7);
                b7 = TLanes.MultiplyAdd(v7, ub, b7);
            }
        }
        TLanes.Store(a0, m);
        TLanes.Store(a1, m + Blocked.Lanes);
        TLanes.Store(a2, m + 2 * Blocked.Lanes);
        TLanes.Store(a3, m + 3 * Blocked.Lanes);
        TLanes.Store(a4, m + 4 * Blocked.Lanes);
        TLanes.Store(a5, m + 5 * Blocked.Lanes);
        TLanes.Store(a6, m + 6 * Blocked.Lanes);
        TLanes.Store(a7, m + 7 * Blocked.Lanes);
        TLanes.Store(b0, m + nextM);
        TLanes.Store(b1, m + nextM + Blocked.Lanes);
        TLanes.Store(b2, m + nextM + 2 * Blocked.Lanes);
        TLanes.Store(b3, m + nextM + 3 * Blocked.Lanes);
        TLanes.Store(b4, m + nextM + 4 * Blocked.Lanes);
        TLanes.Store(b5, m + nextM + 5 * Blocked.Lanes);
        TLanes.Store(b6, m + nextM + 6 * Blocked.Lanes);
        TLanes.Store(b7, m + nextM + 7 * Blocked.Lanes);
    }

    [MethodImpl(Jit.Kernel)]
    private static void OneTile(float* v, int inBlocks, int inBlock, float* u, float* m)
    {
        TLanes sum = TLanes.Zero;
        for (int block = 0; block < inBlocks; block++, v += inBlock)
            for (int c = 0; c < Blocked.Lanes; c++, u += Blocked.Lanes)
                sum = TLanes.MultiplyAdd(v + c, TLanes.Load(u), sum);
        TLanes.Store(sum, m);
    }

    /// <summary>s[xi] += v[xi]^T z[xi] for all xi: the gradient of the transformed weights, (36, K/16, C/16, 16 c, 16 k).</summary>
    [MethodImpl(Jit.Kernel)]
    public static void AddTransposed(int inBlocks, int outBlocks, int tiles, float* v, nint vXi, float* z, nint zXi, float* s)
    {
        int row = tiles * Blocked.Lanes;
        for (int xi = 0; xi < Products; xi++, v += vXi, z += zXi)
            for (int k = 0; k < outBlocks; k++)
                for (int c = 0; c < inBlocks; c++, s += Blocked.Square)
                    for (int channel = 0; channel < Blocked.Lanes; channel += Tile)
                        for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                            DirectBackwardFilter<TLanes>.EightChannels<BlockedWalk>(v + c * row + channel, 0, z + k * row + part, 0, 1, tiles, s + channel * Blocked.Lanes + part);
    }
}
