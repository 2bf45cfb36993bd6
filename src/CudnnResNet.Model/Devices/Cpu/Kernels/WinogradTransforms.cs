using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The transforms of Winograd's F(4x4, 3x3) (Lavin and Gray 2015) for one register of channels.</summary>
/// <remarks>
/// A tile is 4x4 output pixels, computed from 6x6 input pixels with 36 multiplications for each pair of channels instead of 144:
/// y = A^T [ (G g G^T) * (B^T d B) ] A. The 36 products of a tile are numbered xi = 6 place + column, with the rows of
/// the 6x6 in the order 1, 2, 3, 4, 0, 5: two rows share their terms, and the pairs (1, 2), (3, 4) and (0, 5) are then thirds of 12.
/// The interpolation points are 0, ±a, ±b and infinity with a = sqrt(1/2) and b = sqrt(2): their matrices hold no number above 2.83,
/// where those of the usual 0, ±1, ±2 go up to 8: they round half as much (docs/winograd.md).
/// Each transform is done on columns, then on rows, a pair of rows of the middle result at a time: 12 live registers spill nowhere; the
/// input is read again for the next pair instead of being kept.
/// </remarks>
internal static unsafe class WinogradTransforms<TLanes> where TLanes : struct, ILanes<TLanes>
{
    internal const float A = 0.70710678f, B = 1.41421356f; // the points
    private const float A3 = 0.35355339f, B3 = 2.82842712f; // their cubes; A² = 1/2, B² = 2

    /// <summary>Pairs of rows, and the numbers of a tile that belong to one.</summary>
    public const int Pairs = 3, OfPair = 12;

    // Where the rows 0, 1 and 5 of the 36 numbers begin; 2 to 4 follow 1.
    private const int Row0 = 24, Row1 = 0, Row5 = 30;

    /// <summary>v = B^T d B for a row of tiles, the third of a pair of rows.</summary>
    /// <param name="pair">0 to 2.</param>
    /// <param name="tiles">Tiles in the row: neighbours share two columns of pixels, which stay in registers from one to the next.</param>
    /// <param name="d">The first tile's 6x6 pixels; pixels are 16 floats apart, tiles four pixels.</param>
    /// <param name="row">Floats between rows of d.</param>
    /// <param name="v">Where the first of the 12 numbers goes.</param>
    /// <param name="xi">Floats between them.</param>
    public static void Input(int pair, int tiles, float* d, int row, float* v, nint xi)
    {
        // A method for each: the JIT stops inlining in one that would hold them all.
        if (pair == 0) InputRows12(tiles, d, row, v, xi);
        else if (pair == 1) InputRows34(tiles, d, row, v, xi);
        else InputRows05(tiles, d, row, v, xi);
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRows12(int tiles, float* d, int row, float* v, nint xi)
    {
        const int p = Blocked.Lanes;
        var (a0, b0) = Rows12(d, row);
        var (a1, b1) = Rows12(d + p, row);
        for (; tiles > 0; tiles--, d += 4 * p, v += p)
        {
            var (a2, b2) = Rows12(d + 2 * p, row);
            var (a3, b3) = Rows12(d + 3 * p, row);
            var (a4, b4) = Rows12(d + 4 * p, row);
            var (a5, b5) = Rows12(d + 5 * p, row);
            StoreInputRow(a0, a1, a2, a3, a4, a5, v, xi);
            StoreInputRow(b0, b1, b2, b3, b4, b5, v + 6 * xi, xi);
            (a0, a1, b0, b1) = (a4, a5, b4, b5);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRows34(int tiles, float* d, int row, float* v, nint xi)
    {
        const int p = Blocked.Lanes;
        var (a0, b0) = Rows34(d, row);
        var (a1, b1) = Rows34(d + p, row);
        for (; tiles > 0; tiles--, d += 4 * p, v += p)
        {
            var (a2, b2) = Rows34(d + 2 * p, row);
            var (a3, b3) = Rows34(d + 3 * p, row);
            var (a4, b4) = Rows34(d + 4 * p, row);
            var (a5, b5) = Rows34(d + 5 * p, row);
            StoreInputRow(a0, a1, a2, a3, a4, a5, v, xi);
            StoreInputRow(b0, b1, b2, b3, b4, b5, v + 6 * xi, xi);
            (a0, a1, b0, b1) = (a4, a5, b4, b5);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRows05(int tiles, float* d, int row, float* v, nint xi)
    {
        const int p = Blocked.Lanes;
        var (a0, b0) = Rows05(d, row);
        var (a1, b1) = Rows05(d + p, row);
        for (; tiles > 0; tiles--, d += 4 * p, v += p)
        {
            var (a2, b2) = Rows05(d + 2 * p, row);
            var (a3, b3) = Rows05(d + 3 * p, row);
            var (a4, b4) = Rows05(d + 4 * p, row);
            var (a5, b5) = Rows05(d + 5 * p, row);
            StoreInputRow(a0, a1, a2, a3, a4, a5, v, xi);
            StoreInputRow(b0, b1, b2, b3, b4, b5, v + 6 * xi, xi);
            (a0, a1, b0, b1) = (a4, a5, b4, b5);
        }
    }

    /// <summary>y = A^T m A for a row of tiles, each value finished before it is stored.</summary>
    /// <param name="tiles">Tiles in the row.</param>
    /// <param name="m">The first tile's number of row 1 and of the first column.</param>
    /// <param name="xi">Floats between neighbouring columns of numbers.</param>
    /// <param name="rowXi">Floats between neighbouring rows of numbers; they come in the order 1, 2, 3, 4, then 0 and 5 as far as there are such.</param>
    /// <param name="finish">What is done with a value.</param>
    /// <param name="y">The first of 4x4 pixels.</param>
    /// <param name="pixel">Floats between neighbouring pixels of y.</param>
    /// <param name="row">Floats between rows of y.</param>
    /// <typeparam name="TRows">The points of the rows.</typeparam>
    /// <typeparam name="TColumns">The points of the columns.</typeparam>
    /// <typeparam name="TFinish">What is done with a value.</typeparam>
    public static void Output<TRows, TColumns, TFinish>(int tiles, float* m, nint xi, nint rowXi, in Finish<TLanes> finish, float* y, int pixel, int row)
        where TRows : struct, IPoints where TColumns : struct, IPoints where TFinish : struct, IFinish
    {
        // Two methods for the same reason as above: with a finish, one would call its last vector operations one by one.
        OutputRows02<TRows, TColumns, TFinish>(tiles, m, xi, rowXi, finish, y, pixel, row);
        OutputRows13<TRows, TColumns, TFinish>(tiles, m, xi, rowXi, finish, y, pixel, row);
    }

    [MethodImpl(Jit.Kernel)]
    private static void OutputRows02<TRows, TColumns, TFinish>(int tiles, float* m, nint xi, nint rowXi, in Finish<TLanes> finish, float* y, int pixel, int row)
        where TRows : struct, IPoints where TColumns : struct, IPoints where TFinish : struct, IFinish
    {
        TLanes scale = finish.Scale, shift = finish.Shift, a0 = TLanes.Zero, b0 = TLanes.Zero, a5 = TLanes.Zero, b5 = TLanes.Zero;
        float* s = finish.S, s2 = s + 2 * finish.SRow;
        for (; tiles > 0; tiles--, m += Blocked.Lanes, y += 4 * pixel, s += 4 * Blocked.Lanes, s2 += 4 * Blocked.Lanes)
        {
            float* column = m;
            if (TColumns.Zero)
            {
                (a0, b0) = OutputPair02<TRows>(column, rowXi);
                column += xi;
            }
            var (a1, b1) = OutputPair02<TRows>(column, rowXi);
            var (a2, b2) = OutputPair02<TRows>(column + xi, rowXi);
            var (a3, b3) = OutputPair02<TRows>(column + 2 * xi, rowXi);
            var (a4, b4) = OutputPair02<TRows>(column + 3 * xi, rowXi);
            if (TColumns.Infinity) (a5, b5) = OutputPair02<TRows>(column + 4 * xi, rowXi);
            StoreOutputRow<TColumns, TFinish>(a0, a1, a2, a3, a4, a5, scale, shift, s, y, pixel);
            StoreOutputRow<TColumns, TFinish>(b0, b1, b2, b3, b4, b5, scale, shift, s2, y + 2 * row, pixel);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void OutputRows13<TRows, TColumns, TFinish>(int tiles, float* m, nint xi, nint rowXi, in Finish<TLanes> finish, float* y, int pixel, int row)
        where TRows : struct, IPoints where TColumns : struct, IPoints where TFinish : struct, IFinish
    {
        TLanes scale = finish.Scale, shift = finish.Shift, a0 = TLanes.Zero, b0 = TLanes.Zero, a5 = TLanes.Zero, b5 = TLanes.Zero;
        float* s = finish.S + finish.SRow, s3 = s + 2 * finish.SRow;
        for (; tiles > 0; tiles--, m += Blocked.Lanes, y += 4 * pixel, s += 4 * Blocked.Lanes, s3 += 4 * Blocked.Lanes)
        {
            float* column = m;
            if (TColumns.Zero)
            {
                (a0, b0) = OutputPair13<TRows>(column, rowXi);
                column += xi;
            }
            var (a1, b1) = OutputPair13<TRows>(column, rowXi);
            var (a2, b2) = OutputPair13<TRows>(column + xi, rowXi);
            var (a3, b3) = OutputPair13<TRows>(column + 2 * xi, rowXi);
            var (a4, b4) = OutputPair13<TRows>(column + 3 * xi, rowXi);
            if (TColumns.Infinity) (a5, b5) = OutputPair13<TRows>(column + 4 * xi, rowXi);
            StoreOutputRow<TColumns, TFinish>(a0, a1, a2, a3, a4, a5, scale, shift, s, y + row, pixel);
            StoreOutputRow<TColumns, TFinish>(b0, b1, b2, b3, b4, b5, scale, shift, s3, y + 3 * row, pixel);
        }
    }

    /// <summary>z = A dy A^T, the third of a pair of rows: the gradient's side of dw = G^T [ sum over tiles of (B^T x B) * (A dy A^T) ] G.</summary>
    /// <param name="pair">0 to 2.</param>
    /// <param name="dy">The first of 4x4 pixels.</param>
    /// <param name="row">Floats between rows of dy.</param>
    /// <param name="z">Where the first of the 12 numbers goes.</param>
    /// <param name="xi">Floats between them.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Gradient(int pair, float* dy, int row, float* z, nint xi)
    {
        const int p = Blocked.Lanes;
        TLanes a0, a1, a2, a3, b0, b1, b2, b3;
        if (pair == 0)
        {
            (a0, b0) = GradientRows12(dy, row);
            (a1, b1) = GradientRows12(dy + p, row);
            (a2, b2) = GradientRows12(dy + 2 * p, row);
            (a3, b3) = GradientRows12(dy + 3 * p, row);
        }
        else if (pair == 1)
        {
            (a0, b0) = GradientRows34(dy, row);
            (a1, b1) = GradientRows34(dy + p, row);
            (a2, b2) = GradientRows34(dy + 2 * p, row);
            (a3, b3) = GradientRows34(dy + 3 * p, row);
        }
        else
        {
            float* last = dy + 3 * row;
            (a0, b0) = (TLanes.Load(dy), TLanes.Load(last));
            (a1, b1) = (TLanes.Load(dy + p), TLanes.Load(last + p));
            (a2, b2) = (TLanes.Load(dy + 2 * p), TLanes.Load(last + 2 * p));
            (a3, b3) = (TLanes.Load(dy + 3 * p), TLanes.Load(last + 3 * p));
        }
        StoreGradientRow(a0, a1, a2, a3, z, xi);
        StoreGradientRow(b0, b1, b2, b3, z + 6 * xi, xi);
    }

    /// <summary>u = G g G^T.</summary>
    /// <param name="g">The first tap.</param>
    /// <param name="tap">Floats between taps; negative where the kernel is mirrored, with g at the last tap.</param>
    /// <param name="u">Where xi = 0 goes.</param>
    /// <param name="xi">Floats between u's 36 numbers.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Weights(float* g, int tap, float* u, nint xi)
    {
        for (int column = 0; column < 3; column++)
        {
            // The middle result's column stands in u's columns 0 to 2 until the second loop spreads each row over six.
            float* start = u + column * xi;
            TLanes top = TLanes.Load(g + column * tap), middle = TLanes.Load(g + (3 + column) * tap), bottom = TLanes.Load(g + (6 + column) * tap);
            Six(top, middle, bottom, start + Row0 * xi, start + Row1 * xi, start + Row5 * xi, 6 * xi);
        }
        for (int row = 0; row < 6; row++)
        {
            float* start = u + row * 6 * xi;
            Six(TLanes.Load(start), TLanes.Load(start + xi), TLanes.Load(start + 2 * xi), start, start + xi, start + 5 * xi, xi);
        }
    }

    /// <summary>dw = G^T s G.</summary>
    /// <param name="s">Where xi = 0 is.</param>
    /// <param name="xi">Floats between s's 36 numbers; s is overwritten with middle results.</param>
    /// <param name="dw">The first tap.</param>
    /// <param name="tap">Floats between taps.</param>
    [MethodImpl(Jit.Kernel)]
    public static void WeightGradient(float* s, nint xi, float* dw, int tap)
    {
        for (int column = 0; column < 6; column++)
        {
            float* start = s + column * xi;
            Three(start + Row0 * xi, start + Row1 * xi, start + Row5 * xi, 6 * xi, start, 6 * xi);
        }
        for (int row = 0; row < 3; row++)
        {
            float* start = s + row * 6 * xi;
            Three(start, start + xi, start + 5 * xi, xi, dw + row * 3 * tap, tap);
        }
    }

    // ---- B^T: (1 0 -5/2 0 1 0), (0 -2a -2 a 1 0), (0 2a -2 -a 1 0), (0 -b/2 -1/2 b 1 0), (0 b/2 -1/2 -b 1 0), (0 1 0 -5/2 0 1) ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) Rows12(float* d, int row) => Pair12(TLanes.Load(d + row), TLanes.Load(d + 2 * row), TLanes.Load(d + 3 * row), TLanes.Load(d + 4 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) Rows34(float* d, int row) => Pair34(TLanes.Load(d + row), TLanes.Load(d + 2 * row), TLanes.Load(d + 3 * row), TLanes.Load(d + 4 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) Rows05(float* d, int row) =>
        (Edge(TLanes.Load(d), TLanes.Load(d + 2 * row), TLanes.Load(d + 4 * row)), Edge(TLanes.Load(d + row), TLanes.Load(d + 3 * row), TLanes.Load(d + 5 * row)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (TLanes, TLanes) Pair12(TLanes d1, TLanes d2, TLanes d3, TLanes d4)
    {
        TLanes minusB2 = TLanes.Broadcast(-2);
        return PlusMinus(TLanes.MultiplyAdd(minusB2, d2, d4), A, TLanes.MultiplyAdd(minusB2, d1, d3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (TLanes, TLanes) Pair34(TLanes d1, TLanes d2, TLanes d3, TLanes d4)
    {
        TLanes minusA2 = TLanes.Broadcast(-0.5f);
        return PlusMinus(TLanes.MultiplyAdd(minusA2, d2, d4), B, TLanes.MultiplyAdd(minusA2, d1, d3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Edge(TLanes d0, TLanes d2, TLanes d4) =>
        TLanes.MultiplyAdd(TLanes.Broadcast(-2.5f), d2, TLanes.Add(d0, d4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreInputRow(TLanes d0, TLanes d1, TLanes d2, TLanes d3, TLanes d4, TLanes d5, float* v, nint xi)
    {
        TLanes.Store(Edge(d0, d2, d4), v);
        var (v1, v2) = Pair12(d1, d2, d3, d4);
        TLanes.Store(v1, v + xi);
        TLanes.Store(v2, v + 2 * xi);
        var (v3, v4) = Pair34(d1, d2, d3, d4);
        TLanes.Store(v3, v + 3 * xi);
        TLanes.Store(v4, v + 4 * xi);
        TLanes.Store(Edge(d1, d3, d5), v + 5 * xi);
    }

    // ---- A^T: (1 1 1 1 1 0), (0 a -a b -b 0), (0 1/2 1/2 2 2 0), (0 a³ -a³ b³ -b³ 1) ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) OutputPair02<TRows>(float* m, nint row) where TRows : struct, IPoints
    {
        TLanes near = TLanes.Add(TLanes.Load(m), TLanes.Load(m + row)), far = TLanes.Add(TLanes.Load(m + 2 * row), TLanes.Load(m + 3 * row));
        return (TLanes.Add(TRows.Zero ? TLanes.Add(TLanes.Load(m + 4 * row), near) : near, far), Weighted(0.5f, near, 2, far));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) OutputPair13<TRows>(float* m, nint row) where TRows : struct, IPoints
    {
        TLanes near = TLanes.Subtract(TLanes.Load(m), TLanes.Load(m + row)), far = TLanes.Subtract(TLanes.Load(m + 2 * row), TLanes.Load(m + 3 * row));
        TLanes infinity = TRows.Infinity ? TLanes.Load(m + (TRows.Zero ? 5 : 4) * row) : TLanes.Zero;
        return (Weighted(A, near, B, far), TLanes.MultiplyAdd(TLanes.Broadcast(A3), near, TLanes.MultiplyAdd(TLanes.Broadcast(B3), far, infinity)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreOutputRow<TColumns, TFinish>(TLanes m0, TLanes m1, TLanes m2, TLanes m3, TLanes m4, TLanes m5, TLanes scale, TLanes shift, float* s, float* y, int pixel)
        where TColumns : struct, IPoints where TFinish : struct, IFinish
    {
        TLanes near = TLanes.Add(m1, m2), far = TLanes.Add(m3, m4), nearOdd = TLanes.Subtract(m1, m2), farOdd = TLanes.Subtract(m3, m4);
        TLanes.Store(TFinish.Of(TLanes.Add(TColumns.Zero ? TLanes.Add(m0, near) : near, far), scale, shift, s), y);
        TLanes.Store(TFinish.Of(Weighted(A, nearOdd, B, farOdd), scale, shift, s + Blocked.Lanes), y + pixel);
        TLanes.Store(TFinish.Of(Weighted(0.5f, near, 2, far), scale, shift, s + 2 * Blocked.Lanes), y + 2 * pixel);
        TLanes.Store(TFinish.Of(TLanes.MultiplyAdd(TLanes.Broadcast(A3), nearOdd, TLanes.MultiplyAdd(TLanes.Broadcast(B3), farOdd, m5)), scale, shift, s + 3 * Blocked.Lanes), y + 3 * pixel);
    }

    // ---- A: (1 0 0 0), (1 a 1/2 a³), (1 -a 1/2 -a³), (1 b 2 b³), (1 -b 2 -b³), (0 0 0 1) ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) GradientRows12(float* dy, int row) =>
        GradientPair12(TLanes.Load(dy), TLanes.Load(dy + row), TLanes.Load(dy + 2 * row), TLanes.Load(dy + 3 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) GradientRows34(float* dy, int row) =>
        GradientPair34(TLanes.Load(dy), TLanes.Load(dy + row), TLanes.Load(dy + 2 * row), TLanes.Load(dy + 3 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (TLanes, TLanes) GradientPair12(TLanes y0, TLanes y1, TLanes y2, TLanes y3)
    {
        TLanes a2 = TLanes.Broadcast(0.5f);
        return PlusMinus(TLanes.MultiplyAdd(a2, y2, y0), A, TLanes.MultiplyAdd(a2, y3, y1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (TLanes, TLanes) GradientPair34(TLanes y0, TLanes y1, TLanes y2, TLanes y3)
    {
        TLanes b2 = TLanes.Broadcast(2);
        return PlusMinus(TLanes.MultiplyAdd(b2, y2, y0), B, TLanes.MultiplyAdd(b2, y3, y1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGradientRow(TLanes y0, TLanes y1, TLanes y2, TLanes y3, float* z, nint xi)
    {
        TLanes.Store(y0, z);
        var (z1, z2) = GradientPair12(y0, y1, y2, y3);
        TLanes.Store(z1, z + xi);
        TLanes.Store(z2, z + 2 * xi);
        var (z3, z4) = GradientPair34(y0, y1, y2, y3);
        TLanes.Store(z3, z + 3 * xi);
        TLanes.Store(z4, z + 4 * xi);
        TLanes.Store(y3, z + 5 * xi);
    }

    // ---- G: (1 0 0), -2/3 (1 a 1/2), -2/3 (1 -a 1/2), 1/6 (1 b 2), 1/6 (1 -b 2), (0 0 1) ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Six(TLanes g0, TLanes g1, TLanes g2, float* zero, float* one, float* five, nint step)
    {
        TLanes.Store(g0, zero);
        var (u1, u2) = PlusMinus(Weighted(-2f / 3, g0, -1f / 3, g2), -2f / 3 * A, g1);
        TLanes.Store(u1, one);
        TLanes.Store(u2, one + step);
        var (u3, u4) = PlusMinus(Weighted(1f / 6, g0, 1f / 3, g2), B / 6, g1);
        TLanes.Store(u3, one + 2 * step);
        TLanes.Store(u4, one + 3 * step);
        TLanes.Store(g2, five);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Three(float* zero, float* one, float* five, nint step, float* dw, nint tap)
    {
        TLanes s0 = TLanes.Load(zero), s1 = TLanes.Load(one), s2 = TLanes.Load(one + step), s3 = TLanes.Load(one + 2 * step), s4 = TLanes.Load(one + 3 * step), s5 = TLanes.Load(five);
        TLanes near = TLanes.Add(s1, s2), far = TLanes.Add(s3, s4);
        TLanes.Store(TLanes.Add(s0, Weighted(-2f / 3, near, 1f / 6, far)), dw);
        TLanes.Store(Weighted(-2f / 3 * A, TLanes.Subtract(s1, s2), B / 6, TLanes.Subtract(s3, s4)), dw + tap);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(1f / 3), TLanes.Subtract(far, near), s5), dw + 2 * tap);
    }

    /// <summary>even + factor odd, even - factor odd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (TLanes, TLanes) PlusMinus(TLanes even, float factor, TLanes odd) =>
        (TLanes.MultiplyAdd(TLanes.Broadcast(factor), odd, even), TLanes.MultiplyAdd(TLanes.Broadcast(-factor), odd, even));

    /// <summary>p x + q y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Weighted(float p, TLanes x, float q, TLanes y) =>
        TLanes.MultiplyAdd(TLanes.Broadcast(p), x, TLanes.MultiplyAdd(TLanes.Broadcast(q), y, TLanes.Zero));
}
