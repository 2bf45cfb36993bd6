namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The direct convolution of one image, forward and backward to the data: whatever its <see cref="ConvolutionPlan"/> says.</summary>
/// <remarks>
/// Rows of the <see cref="ProductTile{TLanes}"/> are neighbouring pixels; its second half is the next block of output channels, or
/// the next 8 pixels where there is none. The sum's order is (block, tap, channel) for every pixel and every width.
/// </remarks>
internal static unsafe class DirectConvolution<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Tile = ProductTile<TLanes>.Rows;

    /// <summary>Sweeps the plan's rows and columns of every output block.</summary>
    public static void Run(ConvolutionPlan plan, float* x, float* w, float* y)
    {
        switch (plan.InPixel)
        {
            case 1: Sweep<PlanarPixels, Stored>(plan, x, w, y); break;
            case Blocked.Lanes when plan.OutPixel == Blocked.Lanes: Sweep<Pixels, Stored>(plan, x, w, y); break;
            case Blocked.Lanes: Sweep<Pixels, StoredApart>(plan, x, w, y); break;
            default: Sweep<StridedPixels, Stored>(plan, x, w, y); break;
        }
    }

    private static void Sweep<TWalk, TResult>(ConvolutionPlan plan, float* x, float* w, float* y) where TWalk : struct, IWalk where TResult : struct, IResult
    {
        fixed (int* inputOffsets = plan.InputOffsets, weightOffsets = plan.WeightOffsets)
        {
            var segments = new Segments(plan.InputOffsets.Length, inputOffsets, weightOffsets, plan.Channels);
            int block = 0;
            if (ProductTile<TLanes>.HasBothHalves)
            {
                for (; block + 2 <= plan.OutBlocks; block += 2)
                    for (int row = 0; row < plan.Rows; row++) TwoBlocks<TWalk, TResult>(plan, &segments, block, row, x, w, y);
            }
            for (; block < plan.OutBlocks; block++)
                for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                    for (int row = 0; row < plan.Rows; row++) OneBlock<TWalk, TResult>(plan, &segments, block, row, x, w + part, y + part);
        }
    }

    private static void TwoBlocks<TWalk, TResult>(ConvolutionPlan plan, Segments* segments, int block, int row, float* x, float* w, float* y) where TWalk : struct, IWalk where TResult : struct, IResult
    {
        float* source = x + row * plan.InRow, weights = w + block * plan.WeightOutBlock, destination = y + plan.OutStart + block * plan.OutBlock + row * plan.OutRow;
        int column = 0;
        for (; column + Tile <= plan.Columns; column += Tile)
            ProductTile<TLanes>.Run<TWalk, MoreWeights, TResult>(segments, source + column * TWalk.Row, weights, plan.WeightOutBlock, destination + column * TResult.Row, plan.OutBlock);
        for (; column < plan.Columns; column++)
        {
            OnePixel(segments, source + column * TWalk.Row, weights, destination + column * TResult.Row);
            OnePixel(segments, source + column * TWalk.Row, weights + plan.WeightOutBlock, destination + column * TResult.Row + plan.OutBlock);
        }
    }

    private static void OneBlock<TWalk, TResult>(ConvolutionPlan plan, Segments* segments, int block, int row, float* x, float* w, float* y) where TWalk : struct, IWalk where TResult : struct, IResult
    {
        float* source = x + row * plan.InRow, weights = w + block * plan.WeightOutBlock, destination = y + plan.OutStart + block * plan.OutBlock + row * plan.OutRow;
        int column = 0;
        if (ProductTile<TLanes>.HasBothHalves)
        {
            for (; column + 2 * Tile <= plan.Columns; column += 2 * Tile)
                ProductTile<TLanes>.Run<TWalk, MoreRows, TResult>(segments, source + column * TWalk.Row, weights, Tile * TWalk.Row, destination + column * TResult.Row, Tile * TResult.Row);
        }
        for (; column + Tile <= plan.Columns; column += Tile)
            ProductTile<TLanes>.Run<TWalk, OneHalf, TResult>(segments, source + column * TWalk.Row, weights, 0, destination + column * TResult.Row, 0);
        for (; column < plan.Columns; column++) OnePixel(segments, source + column * TWalk.Row, weights, destination + column * TResult.Row);
    }

    /// <summary>Where less than 8 columns are left: sides that are no multiple of 8.</summary>
    private static void OnePixel(Segments* segments, float* x, float* w, float* y)
    {
        TLanes sum = TLanes.Zero;
        for (int segment = 0; segment < segments->Count; segment++)
            for (int c = 0; c < segments->Steps; c++)
                sum = TLanes.MultiplyAdd(x + segments->X[segment] + c, TLanes.Load(w + segments->W[segment] + c * Blocked.Lanes), sum);
        TLanes.Store(sum, y);
    }
}
