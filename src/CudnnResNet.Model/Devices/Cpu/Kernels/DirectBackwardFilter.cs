using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>dw of one image by direct correlation of padded x with padded dz, added to an accumulator.</summary>
/// <remarks>
/// Rows of the <see cref="ProductTile{TLanes}"/> are input channels, its second half is the other 8 of their block; it sums over a band of
/// about 256 pixels. The band keeps its part of x and dz in the first-level cache while all taps pass over it, and adding band by
/// band keeps the sums short, hence exact.
/// </remarks>
internal static unsafe class DirectBackwardFilter<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int BandPixels = 256;

    /// <param name="spec">The unit.</param>
    /// <param name="x">Padded image: (C/16, H+2, W+2, 16), or planar (C, H+2, W+2).</param>
    /// <param name="dz">Padded gradient (K/16, H'+2, W'+2, 16).</param>
    /// <param name="dw">Weights' layout; added to.</param>
    public static void Run(ConvNormSpec spec, float* x, float* dz, float* dw)
    {
        int band = Math.Max(1, BandPixels / spec.Y.W);
        for (int row = 0; row < spec.Y.H; row += band)
        {
            int rows = Math.Min(band, spec.Y.H - row);
            if (Blocked.IsPlanar(spec)) PlanarBand(spec, x, dz, dw, row, rows);
            else if (spec.Stride == 1) BlockedBand<Channels>(spec, x, dz, dw, row, rows);
            else BlockedBand<StridedChannels>(spec, x, dz, dw, row, rows);
        }
    }

    private static void BlockedBand<TWalk>(ConvNormSpec spec, float* x, float* dz, float* dw, int row, int rows) where TWalk : struct, IWalk
    {
        int xRow = (spec.X.W + 2) * Blocked.Lanes, dzRow = (spec.Y.W + 2) * Blocked.Lanes;
        int* xRows = stackalloc int[rows], dzRows = stackalloc int[rows];
        for (int i = 0; i < rows; i++) (xRows[i], dzRows[i]) = (i * spec.Stride * xRow, i * dzRow);
        var segments = new Segments(rows, xRows, dzRows, spec.Y.W);
        float* xBand = x + row * spec.Stride * xRow;
        float* dzBand = dz + (row + 1) * dzRow + Blocked.Lanes;
        for (int k = 0; k < spec.Y.C / Blocked.Lanes; k++)
        {
            for (int c = 0; c < spec.X.C / Blocked.Lanes; c++)
            {
                for (int tap = 0; tap < Blocked.Taps; tap++, dw += Blocked.Square)
                {
                    float* xTap = xBand + (c * (spec.X.H + 2) + tap / 3) * xRow + tap % 3 * Blocked.Lanes;
                    Square<TWalk, Added>(&segments, xTap, dzBand + k * (spec.Y.H + 2) * dzRow, dw);
                }
            }
        }
    }

    /// <summary>dw[16 channels, 16 output channels] = or += the sum over the segments of x's channels times dz.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Square<TWalk, TResult>(Segments* segments, float* x, float* dz, float* dw) where TWalk : struct, IWalk where TResult : struct, IResult
    {
        const int half = ProductTile<TLanes>.Rows;
        if (ProductTile<TLanes>.HasBothHalves)
        {
            ProductTile<TLanes>.Run<TWalk, MoreRows, TResult>(segments, x, dz, half, dw, half * Blocked.Lanes);
            return;
        }
        for (int channel = 0; channel < Blocked.Lanes; channel += half)
            for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                ProductTile<TLanes>.Run<TWalk, OneHalf, TResult>(segments, x + channel, dz + part, 0, dw + channel * Blocked.Lanes + part, 0);
    }

    private static void PlanarBand(ConvNormSpec spec, float* x, float* dz, float* dw, int row, int rows)
    {
        int xRow = spec.X.W + 2, dzRow = (spec.Y.W + 2) * Blocked.Lanes;
        for (int k = 0; k < spec.Y.C / Blocked.Lanes; k++)
        {
            float* gradient = dz + (k * (spec.Y.H + 2) + row + 1) * dzRow + Blocked.Lanes;
            for (int c = 0; c < spec.X.C; c++, dw += Blocked.Taps * Blocked.Lanes)
                for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                    NineTaps(x + (c * (spec.X.H + 2) + row) * xRow, xRow, gradient + part, dzRow, rows, spec.Y.W, dw + part);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void NineTaps(float* x, int xRow, float* dz, int dzRow, int rows, int columns, float* dw)
    {
        TLanes d0 = TLanes.Zero, d1 = TLanes.Zero, d2 = TLanes.Zero, d3 = TLanes.Zero, d4 = TLanes.Zero;
        TLanes d5 = TLanes.Zero, d6 = TLanes.Zero, d7 = TLanes.Zero, d8 = TLanes.Zero;
        for (int row = 0; row < rows; row++, x += xRow, dz += dzRow)
        {
            float* below = x + xRow, bottom = below + xRow;
            for (int column = 0; column < columns; column++)
            {
                TLanes gradient = TLanes.Load(dz + column * Blocked.Lanes);
                d0 = TLanes.MultiplyAdd(x + column, gradient, d0);
                d1 = TLanes.MultiplyAdd(x + column + 1, gradient, d1);
                d2 = TLanes.MultiplyAdd(x + column + 2, gradient, d2);
                d3 = TLanes.MultiplyAdd(below + column, gradient, d3);
                d4 = TLanes.MultiplyAdd(below + column + 1, gradient, d4);
                d5 = TLanes.MultiplyAdd(below + column + 2, gradient, d5);
                d6 = TLanes.MultiplyAdd(bottom + column, gradient, d6);
                d7 = TLanes.MultiplyAdd(bottom + column + 1, gradient, d7);
                d8 = TLanes.MultiplyAdd(bottom + column + 2, gradient, d8);
            }
        }
        AddTo(d0, dw);
        AddTo(d1, dw + Blocked.Lanes);
        AddTo(d2, dw + 2 * Blocked.Lanes);
        AddTo(d3, dw + 3 * Blocked.Lanes);
        AddTo(d4, dw + 4 * Blocked.Lanes);
        AddTo(d5, dw + 5 * Blocked.Lanes);
        AddTo(d6, dw + 6 * Blocked.Lanes);
        AddTo(d7, dw + 7 * Blocked.Lanes);
        AddTo(d8, dw + 8 * Blocked.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(TLanes value, float* destination) => TLanes.Store(TLanes.Add(TLanes.Load(destination), value), destination);
}
