using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Convolution by Winograd's F(4x4, 3x3): a quarter of direct convolution's multiplications, and transforms around them.</summary>
/// <remarks>
/// Rounding: about twice that of direct convolution over a whole network (docs/winograd.md).
/// A band is 16 tiles: rows of a large image, or several small images, so that each transformed weight that is read serves 16 tiles and
/// everything between padded input and output stays in the core's own caches.
/// </remarks>
internal sealed unsafe class Winograd<TLanes> : WinogradConvolution<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int FewTiles = 16, ManyTiles = 32, ManyChannels = 64;

    private readonly ThreadScratch v, z, m;

    public Winograd(CpuContext context, ConvNormSpec spec) : base(context, spec, WinogradProducts<TLanes>.Count)
    {
        // The 36 accumulators of many channels outgrow the second-level cache, and each band reads and writes them.
        int wanted = spec.X.C >= ManyChannels ? ManyTiles : FewTiles;
        int tilesPerRow = spec.Y.W / Side, tileRows = Math.Max(1, wanted / tilesPerRow);
        // Whole images while they are small; of larger ones as many rows of tiles as divide the image evenly.
        BandImages = Math.Max(1, wanted / (spec.Y.Plane / (Side * Side)));
        while (spec.Y.H / Side % tileRows != 0) tileRows--;
        BandRows = Math.Min(spec.Y.H, tileRows * Side);
        TilesPerImage = BandRows / Side * tilesPerRow;
        int channels = Math.Max(spec.X.C, spec.Y.C), tiles = Tiles(BandImages);
        v = context.Scratch(ScratchSlot.V, WinogradTransforms<TLanes>.OfPair * XiStep(channels, tiles));
        z = context.Scratch(ScratchSlot.Z, WinogradTransforms<TLanes>.OfPair * XiStep(channels, tiles));
        m = context.Scratch(ScratchSlot.M, Count * XiStep(channels, tiles));
    }

    /// <summary>Stride 1, channel blocks, and no edge tiles.</summary>
    public static bool Fits(ConvNormSpec spec) => spec.Stride == 1 && !Blocked.IsPlanar(spec) && spec.X.H % Side == 0 && spec.X.W % Side == 0;

    public override string Kernel => $"Winograd F(4x4, 3x3), {TLanes.Count} floats";

    public override int BandImages { get; }

    public override int BandRows { get; }

    protected override int TilesPerImage { get; }

    public override int PrefetchSteps => Count;

    // Of many channels a group's accumulators are 0.6 MB, and each goes to memory and back.
    public override int BackwardGroups => UXi < ManyChannels * ManyChannels ? CpuContext.MaxGroups : CpuContext.MaxGroups / 2;

    // ---- Forward ----

    public override void Forward(int thread, int images, float* paddedX, float* z)
    {
        Multiply(thread, images, PaddedRows.InScratch(new(Spec.X, 0, BandRows), paddedX));
        OutputTiles(Spec.Y, images, m[thread], Tiles(images), z);
    }

    public override void Multiply(int thread, int images, PaddedRows x) => Multiply(thread, images, Spec.X, x, U, Spec.Y);

    /// <summary>Both directions: they differ in shapes and weights.</summary>
    private void Multiply(int thread, int images, Shape from, PaddedRows padded, float* weights, Shape to)
    {
        int tiles = Tiles(images), vXi = XiStep(from.C, tiles), mXi = XiStep(to.C, tiles);
        for (int pair = 0; pair < WinogradTransforms<TLanes>.Pairs; pair++)
        {
            int xi = pair * WinogradTransforms<TLanes>.OfPair;
            InputTiles(pair, from, images, padded, v[thread], tiles);
            WinogradProducts<TLanes>.Multiply(from.C / Blocked.Lanes, to.C / Blocked.Lanes, tiles, v[thread], vXi, weights + xi * from.C * to.C, m[thread] + xi * mXi, mXi, Context.Prefetchers[thread]);
        }
    }

    // ---- Backward ----

    public override void BackwardData(int thread, int images, float* paddedDz, float* dx)
    {
        Multiply(thread, images, Spec.Y, PaddedRows.InScratch(new(Spec.Y, 0, BandRows), paddedDz), UBackward, Spec.X);
        OutputTiles(Spec.X, images, m[thread], Tiles(images), dx);
    }

    public override void BackwardFilter(int thread, int images, float* paddedX, float* paddedDz, bool isFirst, float* accumulator)
    {
        int tiles = Tiles(images), vXi = XiStep(Spec.X.C, tiles), zXi = XiStep(Spec.Y.C, tiles);
        for (int pair = 0; pair < WinogradTransforms<TLanes>.Pairs; pair++)
        {
            float* third = accumulator + pair * WinogradTransforms<TLanes>.OfPair * Spec.X.C * Spec.Y.C;
            InputTiles(pair, Spec.X, images, PaddedRows.InScratch(new(Spec.X, 0, BandRows), paddedX), v[thread], tiles);
            GradientTiles(pair, images, paddedDz, z[thread], tiles);
            if (isFirst) WinogradProducts<TLanes>.MultiplyTransposed<Stored>(InBlocks, OutBlocks, tiles, images * TilesPerImage, v[thread], vXi, z[thread], zXi, third, Context.Prefetchers[thread]);
            else WinogradProducts<TLanes>.MultiplyTransposed<Added>(InBlocks, OutBlocks, tiles, images * TilesPerImage, v[thread], vXi, z[thread], zXi, third, Context.Prefetchers[thread]);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void InputTiles(int pair, Shape shape, int images, PaddedRows padded, float* v, int tiles)
    {
        int row = (shape.W + 2) * Blocked.Lanes, xi = XiStep(shape.C, tiles), tilesPerRow = shape.W / Side;
        for (int image = 0; image < images; image++, v += TilesPerImage * Blocked.Lanes)
        {
            for (int c = 0; c < shape.C; c += TLanes.Count)
            {
                float* source = padded.First + image * padded.Image + c / Blocked.Lanes * padded.Block + c % Blocked.Lanes;
                float* destination = v + c / Blocked.Lanes * tiles * Blocked.Lanes + c % Blocked.Lanes;
                for (int h = 0; h < BandRows; h += Side, destination += tilesPerRow * Blocked.Lanes)
                    WinogradTransforms<TLanes>.Input(pair, tilesPerRow, source + h * row, row, destination, xi);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void GradientTiles(int pair, int images, float* paddedDz, float* z, int tiles)
    {
        Shape shape = Spec.Y;
        var band = new ImageRows(shape, 0, BandRows);
        int row = (shape.W + 2) * Blocked.Lanes, xi = XiStep(shape.C, tiles);
        for (int image = 0; image < images; image++, paddedDz += band.PaddedSize, z += TilesPerImage * Blocked.Lanes)
        {
            for (int k = 0; k < shape.C; k += TLanes.Count)
            {
                float* source = paddedDz + k / Blocked.Lanes * (BandRows + 2) * row + row + Blocked.Lanes + k % Blocked.Lanes;
                float* destination = z + k / Blocked.Lanes * tiles * Blocked.Lanes + k % Blocked.Lanes;
                for (int h = 0; h < BandRows; h += Side)
                    for (int i = 0; i < shape.W * Blocked.Lanes; i += Side * Blocked.Lanes, destination += Blocked.Lanes)
                        WinogradTransforms<TLanes>.Gradient(pair, source + h * row + i, row, destination, xi);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void OutputTiles(Shape shape, int images, float* m, int tiles, float* y)
    {
        var band = new ImageRows(shape, 0, BandRows);
        int row = band.RowFloats, xi = XiStep(shape.C, tiles), tilesPerRow = shape.W / Side;
        for (int image = 0; image < images; image++, y += band.Size, m += TilesPerImage * Blocked.Lanes)
        {
            for (int c = 0; c < shape.C; c += TLanes.Count)
            {
                float* source = m + c / Blocked.Lanes * tiles * Blocked.Lanes + c % Blocked.Lanes;
                for (int h = 0; h < BandRows; h += Side, source += tilesPerRow * Blocked.Lanes)
                    WinogradTransforms<TLanes>.Output<ThreeTaps, ThreeTaps, Unfinished>(tilesPerRow, source, xi, 6 * xi, default, y + band.InBand(c / Blocked.Lanes, h) + c % Blocked.Lanes, Blocked.Lanes, row);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    public override void Finish(int thread, int image, int images, ImageRows rows, float* scale, float* shift, ImagePlace s, ImagePlace y)
    {
        int tiles = Tiles(images), xi = XiStep(Spec.Y.C, tiles), tilesPerRow = Spec.Y.W / Side;
        bool joins = s.First != null;
        float* m = this.m[thread] + image * TilesPerImage * Blocked.Lanes;
        for (int c = 0; c < Spec.Y.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            int block = c / Blocked.Lanes, lane = c % Blocked.Lanes;
            float* source = m + block * tiles * Blocked.Lanes + lane;
            for (int h = rows.First; h < rows.End; h += Side, source += tilesPerRow * Blocked.Lanes)
            {
                float* destination = y.Row(block, h) + lane;
                if (joins) WinogradTransforms<TLanes>.Output<ThreeTaps, ThreeTaps, Joined>(tilesPerRow, source, xi, 6 * xi, new(a, b, s.Row(block, h) + lane, s.RowStep), destination, Blocked.Lanes, y.RowStep);
                else WinogradTransforms<TLanes>.Output<ThreeTaps, ThreeTaps, Normalized>(tilesPerRow, source, xi, 6 * xi, new(a, b, null, 0), destination, Blocked.Lanes, y.RowStep);
            }
        }
    }

    protected override void TransformWeights(float* first, int tap, float* u, nint xi) => WinogradTransforms<TLanes>.Weights(first, tap, u, xi);

    protected override void TransformWeightGradient(float* s, nint xi, float* dw, int tap) => WinogradTransforms<TLanes>.WeightGradient(s, xi, dw, tap);
}
