using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The transforms of a 3x3 convolution of stride 2 by Winograd's algorithm, for one register of channels.</summary>
/// <remarks>
/// In one dimension y[i] = w0 x[2i-1] + w1 x[2i] + w2 x[2i+1]: a convolution of stride 1 with the two taps w0, w2 over the odd x (rows
/// 0, 2, 4 … of a padded image), and one with the single tap w1 over the even x. Four outputs of two taps are F(4, 2): five points, the
/// points of F(4, 3) without 0, so that the transforms are those of <see cref="WinogradTransforms{TLanes}"/> without that row. A single
/// tap needs the four finite ones of them. Nine numbers replace twelve multiplications; in two dimensions 81 replace 144.
/// The nine are numbered: 0 to 4 the two taps at a, -a, b, -b, infinity; 5 to 8 the single tap at the first four.
/// Pairs of rows as in stride 1: (a, -a), (b, -b), and infinity alone.
/// </remarks>
internal static unsafe class WinogradStride2Transforms<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Numbers of one dimension; of both dimensions and of the two taps alone.</summary>
    public const int Of = 9, OfBoth = Of * Of, OfTwo = 5;

    /// <summary>Pairs of rows; the last has one row only.</summary>
    public const int Pairs = 3;

    private const float A = WinogradTransforms<TLanes>.A, B = WinogradTransforms<TLanes>.B;

    /// <summary>v = B^T d B for a row of tiles and a pair of rows: of the odd or even rows and columns of x, or of dz.</summary>
    /// <param name="pair">0 to 2; 2 only for two taps.</param>
    /// <param name="tiles">Tiles in the row.</param>
    /// <param name="d">The first tile's first pixel.</param>
    /// <param name="pixel">Floats between a tile's neighbouring pixels: 32 where every second is one, 16 for dz.</param>
    /// <param name="row">Floats between its rows.</param>
    /// <param name="v">Where the first of the pair's first row of numbers goes.</param>
    /// <param name="xi">Floats between neighbouring numbers.</param>
    /// <param name="rowXi">Floats from the pair's first row of numbers to the second.</param>
    /// <typeparam name="TColumns">The points of the columns.</typeparam>
    public static void Input<TColumns>(int pair, int tiles, float* d, int pixel, int row, float* v, nint xi, nint rowXi) where TColumns : struct, IPoints
    {
        if (pair == 0) InputRows12<TColumns>(tiles, d, pixel, row, v, xi, rowXi);
        else if (pair == 1) InputRows34<TColumns>(tiles, d, pixel, row, v, xi, rowXi);
        else InputRow5<TColumns>(tiles, d, pixel, row, v, xi);
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRows12<TColumns>(int tiles, float* d, int pixel, int row, float* v, nint xi, nint rowXi) where TColumns : struct, IPoints
    {
        for (; tiles > 0; tiles--, d += 4 * pixel, v += Blocked.Lanes)
        {
            var (a1, b1) = Rows12(d, row);
            var (a2, b2) = Rows12(d + pixel, row);
            var (a3, b3) = Rows12(d + 2 * pixel, row);
            var (a4, b4) = Rows12(d + 3 * pixel, row);
            StoreFinite(a1, a2, a3, a4, v, xi);
            StoreFinite(b1, b2, b3, b4, v + rowXi, xi);
            if (!TColumns.Infinity) continue;
            var (a5, b5) = Rows12(d + 4 * pixel, row);
            TLanes.Store(WinogradTransforms<TLanes>.Edge(a1, a3, a5), v + 4 * xi);
            TLanes.Store(WinogradTransforms<TLanes>.Edge(b1, b3, b5), v + rowXi + 4 * xi);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRows34<TColumns>(int tiles, float* d, int pixel, int row, float* v, nint xi, nint rowXi) where TColumns : struct, IPoints
    {
        for (; tiles > 0; tiles--, d += 4 * pixel, v += Blocked.Lanes)
        {
            var (a1, b1) = Rows34(d, row);
            var (a2, b2) = Rows34(d + pixel, row);
            var (a3, b3) = Rows34(d + 2 * pixel, row);
            var (a4, b4) = Rows34(d + 3 * pixel, row);
            StoreFinite(a1, a2, a3, a4, v, xi);
            StoreFinite(b1, b2, b3, b4, v + rowXi, xi);
            if (!TColumns.Infinity) continue;
            var (a5, b5) = Rows34(d + 4 * pixel, row);
            TLanes.Store(WinogradTransforms<TLanes>.Edge(a1, a3, a5), v + 4 * xi);
            TLanes.Store(WinogradTransforms<TLanes>.Edge(b1, b3, b5), v + rowXi + 4 * xi);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputRow5<TColumns>(int tiles, float* d, int pixel, int row, float* v, nint xi) where TColumns : struct, IPoints
    {
        for (; tiles > 0; tiles--, d += 4 * pixel, v += Blocked.Lanes)
        {
            TLanes a1 = Row5(d, row), a2 = Row5(d + pixel, row), a3 = Row5(d + 2 * pixel, row), a4 = Row5(d + 3 * pixel, row);
            StoreFinite(a1, a2, a3, a4, v, xi);
            if (TColumns.Infinity) TLanes.Store(WinogradTransforms<TLanes>.Edge(a1, a3, Row5(d + 4 * pixel, row)), v + 4 * xi);
        }
    }

    /// <summary>z = A dz A^T for a row of tiles and a pair of rows: five numbers a row.</summary>
    /// <param name="pair">0 to 2.</param>
    /// <param name="tiles">Tiles in the row.</param>
    /// <param name="dz">The first of 4x4 pixels, 16 floats apart.</param>
    /// <param name="row">Floats between rows of dz.</param>
    /// <param name="z">Where the first of the pair's numbers goes.</param>
    /// <param name="xi">Floats between them.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Gradient(int pair, int tiles, float* dz, int row, float* z, nint xi)
    {
        const int p = Blocked.Lanes;
        for (; tiles > 0; tiles--, dz += 4 * p, z += p)
        {
            if (pair == 2)
            {
                float* last = dz + 3 * row;
                StoreGradientRow(TLanes.Load(last), TLanes.Load(last + p), TLanes.Load(last + 2 * p), TLanes.Load(last + 3 * p), z, xi);
                continue;
            }
            var (a0, b0) = GradientPair(pair, dz, row);
            var (a1, b1) = GradientPair(pair, dz + p, row);
            var (a2, b2) = GradientPair(pair, dz + 2 * p, row);
            var (a3, b3) = GradientPair(pair, dz + 3 * p, row);
            StoreGradientRow(a0, a1, a2, a3, z, xi);
            StoreGradientRow(b0, b1, b2, b3, z + OfTwo * xi, xi);
        }
    }

    /// <summary>u = G w G^T: 81 numbers.</summary>
    /// <param name="first">The first tap; the last, with a negative step, mirrors the kernel.</param>
    /// <param name="tap">Floats between taps.</param>
    /// <param name="u">Where the first number goes.</param>
    /// <param name="xi">Floats between them.</param>
    public static void Weights(float* first, int tap, float* u, nint xi)
    {
        float* columns = stackalloc float[3 * Of * Blocked.Lanes]; // (3 columns of taps, 9 numbers, one register)
        for (int x = 0; x < 3; x++) Nine(first + x * tap, 3 * tap, columns + x * Of * Blocked.Lanes, Blocked.Lanes);
        for (int y = 0; y < Of; y++) Nine(columns + y * Blocked.Lanes, Of * Blocked.Lanes, u + y * Of * xi, xi);
    }

    /// <summary>dw = G^T s G.</summary>
    /// <param name="s">The first of 81 numbers.</param>
    /// <param name="xi">Floats between them.</param>
    /// <param name="dw">The first tap.</param>
    /// <param name="tap">Floats between taps.</param>
    public static void WeightGradient(float* s, nint xi, float* dw, int tap)
    {
        float* rows = stackalloc float[3 * Of * Blocked.Lanes]; // (9 rows of numbers, 3 taps, one register)
        for (int y = 0; y < Of; y++) Three(s + y * Of * xi, xi, rows + y * 3 * Blocked.Lanes, Blocked.Lanes);
        for (int x = 0; x < 3; x++) Three(rows + x * Blocked.Lanes, 3 * Blocked.Lanes, dw + x * tap, 3 * tap);
    }

    // ---- One dimension of x and dz ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) Rows12(float* d, int row) =>
        WinogradTransforms<TLanes>.Pair12(TLanes.Load(d), TLanes.Load(d + row), TLanes.Load(d + 2 * row), TLanes.Load(d + 3 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) Rows34(float* d, int row) =>
        WinogradTransforms<TLanes>.Pair34(TLanes.Load(d), TLanes.Load(d + row), TLanes.Load(d + 2 * row), TLanes.Load(d + 3 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Row5(float* d, int row) => WinogradTransforms<TLanes>.Edge(TLanes.Load(d), TLanes.Load(d + 2 * row), TLanes.Load(d + 4 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFinite(TLanes d1, TLanes d2, TLanes d3, TLanes d4, float* v, nint xi)
    {
        var (v1, v2) = WinogradTransforms<TLanes>.Pair12(d1, d2, d3, d4);
        TLanes.Store(v1, v);
        TLanes.Store(v2, v + xi);
        var (v3, v4) = WinogradTransforms<TLanes>.Pair34(d1, d2, d3, d4);
        TLanes.Store(v3, v + 2 * xi);
        TLanes.Store(v4, v + 3 * xi);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes, TLanes) GradientPair(int pair, float* dz, int row)
    {
        TLanes y0 = TLanes.Load(dz), y1 = TLanes.Load(dz + row), y2 = TLanes.Load(dz + 2 * row), y3 = TLanes.Load(dz + 3 * row);
        return pair == 0 ? WinogradTransforms<TLanes>.GradientPair12(y0, y1, y2, y3) : WinogradTransforms<TLanes>.GradientPair34(y0, y1, y2, y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGradientRow(TLanes y0, TLanes y1, TLanes y2, TLanes y3, float* z, nint xi)
    {
        var (z1, z2) = WinogradTransforms<TLanes>.GradientPair12(y0, y1, y2, y3);
        TLanes.Store(z1, z);
        TLanes.Store(z2, z + xi);
        var (z3, z4) = WinogradTransforms<TLanes>.GradientPair34(y0, y1, y2, y3);
        TLanes.Store(z3, z + 2 * xi);
        TLanes.Store(z4, z + 3 * xi);
        TLanes.Store(y3, z + 4 * xi);
    }

    // ---- One dimension of w. G: -1/3 (2a 1), -1/3 (-2a 1), 1/3 (b/2 1), 1/3 (-b/2 1), (0 1) for two taps, its first column for one ----

    private static void Nine(float* w, int tap, float* u, nint xi)
    {
        TLanes w0 = TLanes.Load(w), w1 = TLanes.Load(w + tap), w2 = TLanes.Load(w + 2 * tap);
        TLanes third = TLanes.MultiplyAdd(TLanes.Broadcast(1f / 3), w2, TLanes.Zero);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(-2f / 3 * A), w0, TLanes.Subtract(TLanes.Zero, third)), u);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(2f / 3 * A), w0, TLanes.Subtract(TLanes.Zero, third)), u + xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(B / 6), w0, third), u + 2 * xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(-B / 6), w0, third), u + 3 * xi);
        TLanes.Store(w2, u + 4 * xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(-2f / 3 * A), w1, TLanes.Zero), u + 5 * xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(2f / 3 * A), w1, TLanes.Zero), u + 6 * xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(B / 6), w1, TLanes.Zero), u + 7 * xi);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(-B / 6), w1, TLanes.Zero), u + 8 * xi);
    }

    private static void Three(float* s, nint xi, float* dw, int tap)
    {
        TLanes s1 = TLanes.Load(s), s2 = TLanes.Load(s + xi), s3 = TLanes.Load(s + 2 * xi), s4 = TLanes.Load(s + 3 * xi), s5 = TLanes.Load(s + 4 * xi);
        TLanes near = TLanes.Add(s1, s2), far = TLanes.Add(s3, s4);
        TLanes.Store(First(s1, s2, s3, s4), dw);
        TLanes.Store(First(TLanes.Load(s + 5 * xi), TLanes.Load(s + 6 * xi), TLanes.Load(s + 7 * xi), TLanes.Load(s + 8 * xi)), dw + tap);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Broadcast(1f / 3), TLanes.Subtract(far, near), s5), dw + 2 * tap);
    }

    private static TLanes First(TLanes s1, TLanes s2, TLanes s3, TLanes s4) =>
        WinogradTransforms<TLanes>.Weighted(-2f / 3 * A, TLanes.Subtract(s1, s2), B / 6, TLanes.Subtract(s3, s4));
}
