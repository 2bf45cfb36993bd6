using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Convolution of stride 2 by Winograd's algorithm: four convolutions of stride 1, of the odd and even rows and columns, with 4, 2, 2 and 1 taps.</summary>
/// <remarks>
/// See <see cref="WinogradStride2Transforms{TLanes}"/>. Of the 81 products of a tile of 4x4 outputs, those at one pair of points (there
/// are 5x5) have one sum, so forward they are 25 products with up to four times the channels.
/// Backward to the data they are 81, from 25 numbers of dz, and the four convolutions' outputs are x's four kinds of pixels.
/// A band is 16 tiles: one image, or several small ones.
/// </remarks>
internal sealed unsafe class WinogradStride2<TLanes> : WinogradConvolution<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Of = WinogradStride2Transforms<TLanes>.Of, OfTwo = WinogradStride2Transforms<TLanes>.OfTwo, BandTiles = 16, ManyChannels = 32;

    /// <summary>One of the 81 products.</summary>
    /// <param name="Number">Which.</param>
    /// <param name="Place">Where its numbers of x lie among those of a pair of rows in scratch memory: odd rows of x, then even ones.</param>
    /// <param name="Point">Its pair of points, among those of the pair of rows: where its numbers of z lie, and of dz.</param>
    /// <param name="IsFirst">Whether it is the first at these points.</param>
    private readonly record struct Product(int Number, int Place, int Point, bool IsFirst);

    /// <summary>For each pair of rows its products, those at the same points one behind the other.</summary>
    private static readonly Product[][] Products = [.. Enumerable.Range(0, WinogradStride2Transforms<TLanes>.Pairs).Select(pair => OfPair(pair).ToArray())];

    private readonly int tilesPerRow;
    private readonly ThreadScratch v, z, m;

    public WinogradStride2(CpuContext context, ConvNormSpec spec) : base(context, spec, WinogradStride2Transforms<TLanes>.OfBoth)
    {
        tilesPerRow = spec.Y.W / Side;
        TilesPerImage = spec.Y.H / Side * tilesPerRow;
        BandImages = Math.Max(1, BandTiles / TilesPerImage);
        int tiles = Tiles(BandImages);
        // A pair of rows: forward of two kinds of rows with 9 numbers each; of dz 5.
        v = context.Scratch(ScratchSlot.V, 4 * Of * XiStep(Math.Max(spec.X.C, spec.Y.C), tiles));
        z = context.Scratch(ScratchSlot.Z, 2 * OfTwo * XiStep(spec.Y.C, tiles));
        m = context.Scratch(ScratchSlot.M, Math.Max(Count * XiStep(spec.X.C, tiles), OfTwo * OfTwo * XiStep(spec.Y.C, tiles)));
    }

    /// <summary>Stride 2, channel blocks, and no edge tiles.</summary>
    public static bool Fits(ConvNormSpec spec) =>
        spec.Stride == 2 && !Blocked.IsPlanar(spec) && spec.Y.H % Side == 0 && spec.Y.W % Side == 0 && spec.X.H == 2 * spec.Y.H && spec.X.W == 2 * spec.Y.W;

    public override string Kernel => $"Winograd of stride 2, {TLanes.Count} floats";

    public override int BandImages { get; }

    public override int BandRows => Spec.Y.H;

    protected override int TilesPerImage { get; }

    public override int PrefetchSteps => OfTwo * OfTwo;

    public override int BackwardGroups => Spec.X.C < ManyChannels ? CpuContext.MaxGroups : CpuContext.MaxGroups / 2;

    private static IEnumerable<Product> OfPair(int pair)
    {
        // Even rows have no number at infinity, the only row of the last pair and the last column; even columns neither.
        const int Infinity = OfTwo - 1;
        for (int r = 0; r < (pair < 2 ? 2 : 1); r++)
            for (int c = 0; c < OfTwo; c++)
                for (int even = 0; even < (pair < 2 ? 2 : 1); even++)
                    for (int evenColumn = 0; evenColumn < (c < Infinity ? 2 : 1); evenColumn++)
                    {
                        int column = evenColumn * OfTwo + c;
                        yield return new((even * OfTwo + 2 * pair + r) * Of + column, (2 * even + r) * Of + column, r * OfTwo + c, even + evenColumn == 0);
                    }
    }

    // ---- Forward ----

    public override void Forward(int thread, int images, float* paddedX, float* z)
    {
        Multiply(thread, images, PaddedRows.InScratch(ImageRows.All(Spec.X), paddedX));
        var rows = ImageRows.All(Spec.Y);
        for (int image = 0; image < images; image++)
            Output<TwoTaps, TwoTaps, Unfinished>(PixelsOfY, thread, image, images, null, null, default, new(Spec.Y, z + image * rows.Size, isPadded: false));
    }

    public override void Finish(int thread, int image, int images, ImageRows rows, float* scale, float* shift, ImagePlace s, ImagePlace y)
    {
        if (s.First == null) Output<TwoTaps, TwoTaps, Normalized>(PixelsOfY, thread, image, images, scale, shift, s, y);
        else Output<TwoTaps, TwoTaps, Joined>(PixelsOfY, thread, image, images, scale, shift, s, y);
    }

    public override void Multiply(int thread, int images, PaddedRows x)
    {
        int tiles = Tiles(images), vXi = XiStep(Spec.X.C, tiles), mXi = XiStep(Spec.Y.C, tiles);
        int* vAt = stackalloc int[4 * InBlocks], uAt = stackalloc int[4 * InBlocks];
        for (int pair = 0; pair < WinogradStride2Transforms<TLanes>.Pairs; pair++)
        {
            InputTiles(pair, images, x, v[thread], tiles);
            Product[] all = Products[pair];
            for (int i = 0; i < all.Length;)
            {
                int point = all[i].Point, count = 0;
                for (; i < all.Length && all[i].Point == point; i++)
                {
                    for (int block = 0; block < InBlocks; block++, count++)
                        (vAt[count], uAt[count]) = (all[i].Place * vXi + block * tiles * Blocked.Lanes, all[i].Number * UXi + block * Blocked.Square);
                }
                Context.Prefetchers[thread].Step();
                var segments = new Segments(count, vAt, uAt, Blocked.Lanes);
                WinogradProducts<TLanes>.One(&segments, OutBlocks, InBlocks * Blocked.Square, tiles, v[thread], U, m[thread] + (2 * pair * OfTwo + point) * mXi);
            }
        }
    }

    // ---- Backward ----

    public override void BackwardData(int thread, int images, float* paddedDz, float* dx)
    {
        int tiles = Tiles(images), vXi = XiStep(Spec.Y.C, tiles), mXi = XiStep(Spec.X.C, tiles);
        int* vAt = stackalloc int[OutBlocks], uAt = stackalloc int[OutBlocks];
        for (int block = 0; block < OutBlocks; block++) (vAt[block], uAt[block]) = (block * tiles * Blocked.Lanes, block * Blocked.Square);
        var segments = new Segments(OutBlocks, vAt, uAt, Blocked.Lanes);
        for (int pair = 0; pair < WinogradStride2Transforms<TLanes>.Pairs; pair++)
        {
            DzTiles(pair, images, paddedDz, v[thread], tiles);
            foreach (var product in Products[pair])
            {
                if (product.IsFirst) Context.Prefetchers[thread].Step();
                WinogradProducts<TLanes>.One(&segments, InBlocks, OutBlocks * Blocked.Square, tiles, v[thread] + product.Point * vXi, UBackward + product.Number * UXi, m[thread] + product.Number * mXi);
            }
        }
        var rows = ImageRows.All(Spec.X);
        for (int image = 0; image < images; image++, dx += rows.Size)
        {
            var place = new ImagePlace(Spec.X, dx, isPadded: false);
            Output<TwoTaps, TwoTaps, Unfinished>(PixelsOfDx(1, 1), thread, image, images, null, null, default, place);
            Output<TwoTaps, OneTap, Unfinished>(PixelsOfDx(1, 0), thread, image, images, null, null, default, place);
            Output<OneTap, TwoTaps, Unfinished>(PixelsOfDx(0, 1), thread, image, images, null, null, default, place);
            Output<OneTap, OneTap, Unfinished>(PixelsOfDx(0, 0), thread, image, images, null, null, default, place);
        }
    }

    public override void BackwardFilter(int thread, int images, float* paddedX, float* paddedDz, bool isFirst, float* accumulator)
    {
        if (isFirst) AddProducts<Stored>(thread, images, paddedX, paddedDz, accumulator);
        else AddProducts<Added>(thread, images, paddedX, paddedDz, accumulator);
    }

    private void AddProducts<TResult>(int thread, int images, float* paddedX, float* paddedDz, float* accumulator) where TResult : struct, IResult
    {
        int tiles = Tiles(images), used = images * TilesPerImage, vXi = XiStep(Spec.X.C, tiles), zXi = XiStep(Spec.Y.C, tiles);
        for (int pair = 0; pair < WinogradStride2Transforms<TLanes>.Pairs; pair++)
        {
            InputTiles(pair, images, PaddedRows.InScratch(ImageRows.All(Spec.X), paddedX), v[thread], tiles);
            GradientTiles(pair, images, paddedDz, z[thread], tiles);
            foreach (var product in Products[pair])
            {
                if (product.IsFirst) Context.Prefetchers[thread].Step();
                WinogradProducts<TLanes>.OneTransposed<TResult>(InBlocks, OutBlocks, tiles, used, v[thread] + product.Place * vXi, z[thread] + product.Point * zXi, accumulator + product.Number * UXi);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void InputTiles(int pair, int images, PaddedRows padded, float* v, int tiles)
    {
        int row = ImageRows.All(Spec.X).PaddedRowFloats, xi = XiStep(Spec.X.C, tiles);
        for (int image = 0; image < images; image++, v += TilesPerImage * Blocked.Lanes)
        {
            for (int c = 0; c < Spec.X.C; c += TLanes.Count)
            {
                float* source = padded.First + image * padded.Image + c / Blocked.Lanes * padded.Block + c % Blocked.Lanes;
                float* destination = v + c / Blocked.Lanes * tiles * Blocked.Lanes + c % Blocked.Lanes;
                for (int h = 0; h < Spec.Y.H; h += Side, source += 2 * Side * row, destination += tilesPerRow * Blocked.Lanes)
                {
                    // Padded rows 0, 2, 4 … are x's odd ones; columns likewise.
                    for (int even = 0; even < (pair < 2 ? 2 : 1); even++)
                    {
                        float* d = source + even * row, numbers = destination + 2 * even * Of * xi;
                        WinogradStride2Transforms<TLanes>.Input<TwoTaps>(pair, tilesPerRow, d, 2 * Blocked.Lanes, 2 * row, numbers, xi, Of * xi);
                        WinogradStride2Transforms<TLanes>.Input<OneTap>(pair, tilesPerRow, d + Blocked.Lanes, 2 * Blocked.Lanes, 2 * row, numbers + OfTwo * xi, xi, Of * xi);
                    }
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void DzTiles(int pair, int images, float* paddedDz, float* v, int tiles)
    {
        var rows = ImageRows.All(Spec.Y);
        int xi = XiStep(Spec.Y.C, tiles);
        for (int image = 0; image < images; image++, paddedDz += rows.PaddedSize, v += TilesPerImage * Blocked.Lanes)
        {
            for (int k = 0; k < Spec.Y.C; k += TLanes.Count)
            {
                float* destination = v + k / Blocked.Lanes * tiles * Blocked.Lanes + k % Blocked.Lanes;
                for (int h = 0; h < Spec.Y.H; h += Side, destination += tilesPerRow * Blocked.Lanes)
                    WinogradStride2Transforms<TLanes>.Input<TwoTaps>(pair, tilesPerRow, paddedDz + rows.InPadded(k / Blocked.Lanes, h) + k % Blocked.Lanes, Blocked.Lanes, rows.PaddedRowFloats, destination, xi, OfTwo * xi);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void GradientTiles(int pair, int images, float* paddedDz, float* z, int tiles)
    {
        var rows = ImageRows.All(Spec.Y);
        int xi = XiStep(Spec.Y.C, tiles);
        for (int image = 0; image < images; image++, paddedDz += rows.PaddedSize, z += TilesPerImage * Blocked.Lanes)
        {
            for (int k = 0; k < Spec.Y.C; k += TLanes.Count)
            {
                float* destination = z + k / Blocked.Lanes * tiles * Blocked.Lanes + k % Blocked.Lanes;
                for (int h = 0; h < Spec.Y.H; h += Side, destination += tilesPerRow * Blocked.Lanes)
                    WinogradStride2Transforms<TLanes>.Gradient(pair, tilesPerRow, paddedDz + rows.InPadded(k / Blocked.Lanes, h) + k % Blocked.Lanes, rows.PaddedRowFloats, destination, xi);
            }
        }
    }

    /// <summary>The pixels that come from one set of numbers: all of y, or one of dx's four kinds.</summary>
    /// <param name="Shape">Of the image they are in.</param>
    /// <param name="First">The first number among those of the products.</param>
    /// <param name="NumbersOfRow">From one row of numbers to the next.</param>
    /// <param name="H">The first row.</param>
    /// <param name="W">The first column.</param>
    /// <param name="Step">From one row, or column, to the next.</param>
    private readonly record struct Pixels(Shape Shape, int First, int NumbersOfRow, int H, int W, int Step);

    private Pixels PixelsOfY => new(Spec.Y, First: 0, NumbersOfRow: OfTwo, H: 0, W: 0, Step: 1);

    /// <summary>Those of odd (1) or even (0) rows and columns. The numbers of two taps, of odd ones, come first.</summary>
    private Pixels PixelsOfDx(int h, int w) => new(Spec.X, First: (1 - h) * OfTwo * Of + (1 - w) * OfTwo, NumbersOfRow: Of, H: h, W: w, Step: 2);

    /// <summary>One image's pixels, each value finished before it is stored.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Output<TRows, TColumns, TFinish>(Pixels pixels, int thread, int image, int images, float* scale, float* shift, ImagePlace s, ImagePlace y)
        where TRows : struct, IPoints where TColumns : struct, IPoints where TFinish : struct, IFinish
    {
        var (shape, first, numbersOfRow, h0, w0, step) = pixels;
        int tiles = Tiles(images), xi = XiStep(shape.C, tiles);
        float* numbers = m[thread] + first * xi + image * TilesPerImage * Blocked.Lanes;
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            int block = c / Blocked.Lanes, lane = c % Blocked.Lanes;
            TLanes a = scale == null ? TLanes.Zero : TLanes.Load(scale + c), b = scale == null ? TLanes.Zero : TLanes.Load(shift + c);
            float* source = numbers + block * tiles * Blocked.Lanes + lane;
            for (int h = h0; h < shape.H; h += step * Side, source += tilesPerRow * Blocked.Lanes)
            {
                var finish = new Finish<TLanes>(a, b, s.First == null ? null : s.Row(block, h) + lane, s.RowStep);
                WinogradTransforms<TLanes>.Output<TRows, TColumns, TFinish>(tilesPerRow, source, xi, numbersOfRow * xi, finish,
                    y.Row(block, h) + w0 * Blocked.Lanes + lane, step * Blocked.Lanes, step * y.RowStep);
            }
        }
    }

    protected override void TransformWeights(float* first, int tap, float* u, nint xi) => WinogradStride2Transforms<TLanes>.Weights(first, tap, u, xi);

    protected override void TransformWeightGradient(float* s, nint xi, float* dw, int tap) => WinogradStride2Transforms<TLanes>.WeightGradient(s, xi, dw, tap);
}
