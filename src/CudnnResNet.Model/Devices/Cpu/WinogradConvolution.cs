namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>What Winograd's convolutions have in common: transformed weights, and gradients of them that are transformed back.</summary>
internal abstract unsafe class WinogradConvolution<TLanes> : Convolution where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Sides of a tile of outputs.</summary>
    protected const int Side = 4;

    private readonly float* transposed; // w with its channel blocks transposed
    private readonly Action<int, int> transformBlock, transformTransposedBlock, reduceBlock;

    // The arguments of the pass in progress.
    private float* w, dw;
    private int groups;
    private long uVersion; // of the parameters that U was made from

    /// <param name="context">What the units share.</param>
    /// <param name="spec">The unit.</param>
    /// <param name="count">Products of a tile.</param>
    protected WinogradConvolution(CpuContext context, ConvNormSpec spec, int count) : base(spec)
    {
        (Context, Count) = (context, count);
        (InBlocks, OutBlocks) = (spec.X.C / Blocked.Lanes, spec.Y.C / Blocked.Lanes);
        U = context.Memory.Floats(Count * UXi);
        if (context.Plan.Training)
        {
            transposed = context.Memory.Floats(spec.WeightCount);
            UBackward = context.Memory.Floats(Count * UXi);
        }
        transformBlock = TransformBlock;
        transformTransposedBlock = TransformTransposedBlock;
        reduceBlock = ReduceBlock;
    }

    /// <summary>What the units share.</summary>
    protected CpuContext Context { get; }

    /// <summary>Products of a tile.</summary>
    protected int Count { get; }

    /// <summary>Blocks of input channels.</summary>
    protected int InBlocks { get; }

    /// <summary>Blocks of output channels.</summary>
    protected int OutBlocks { get; }

    /// <summary>The transformed weights (Count, K/16, C/16, 16 c, 16 k), forward.</summary>
    protected float* U { get; }

    /// <summary>Those of the mirrored kernel (Count, C/16, K/16, 16 k, 16 c), backward to the data.</summary>
    protected float* UBackward { get; }

    /// <summary>Floats from one product's weights to the next's.</summary>
    protected int UXi => Spec.X.C * Spec.Y.C;

    /// <summary>Tiles of one image in a band.</summary>
    protected abstract int TilesPerImage { get; }

    public override int GradientCount => Count * UXi;

    // Direct convolution has 9 multiplications for each pixel of a tile.
    public override long ExecutedMultiplyAdds(Direction direction) => Spec.MultiplyAdds(direction) * Count / (Side * Side * Blocked.Taps);

    public override void BeginForward(float* w)
    {
        if (uVersion == Context.Version) return;
        uVersion = Context.Version;
        this.w = w;
        Context.Pool.Run(InBlocks * OutBlocks, transformBlock);
    }

    public override void BeginBackwardData(float* w)
    {
        this.w = w;
        Context.Pool.Run(InBlocks * OutBlocks, transformTransposedBlock);
    }

    public override void FinishBackwardFilter(int groups, float* dw)
    {
        this.groups = groups;
        this.dw = dw;
        Context.Pool.Run(InBlocks * OutBlocks, reduceBlock);
    }

    /// <summary>u = G w G^T for one register of output channels.</summary>
    /// <param name="first">The first tap.</param>
    /// <param name="tap">Floats between taps; negative where the kernel is mirrored.</param>
    /// <param name="u">Where the first number goes.</param>
    /// <param name="xi">Floats between numbers.</param>
    protected abstract void TransformWeights(float* first, int tap, float* u, nint xi);

    /// <summary>dw = G^T s G for one register of output channels; s may be overwritten.</summary>
    protected abstract void TransformWeightGradient(float* s, nint xi, float* dw, int tap);

    /// <summary>Tiles of some images, with the surplus ones that the products need.</summary>
    protected int Tiles(int images) => (images * TilesPerImage + WinogradProducts<TLanes>.Tile - 1) / WinogradProducts<TLanes>.Tile * WinogradProducts<TLanes>.Tile;

    /// <summary>
    /// Floats from one of a tile's numbers to the next. The 16 more than needed keep the streams of a transform's stores out of the
    /// same cache sets.
    /// </summary>
    protected static int XiStep(int channels, int tiles) => channels * tiles + Blocked.Lanes;

    private void TransformBlock(int pair, int thread) => Transform(w + pair * Blocked.Taps * Blocked.Square, Blocked.Square, U + pair * Blocked.Square);

    private void TransformTransposedBlock(int pair, int thread)
    {
        Blocked.Transpose(Spec, pair, w, transposed);
        // The pairs are numbered as in transposed; the kernel is mirrored by reading its taps backwards.
        float* last = transposed + (pair * Blocked.Taps + Blocked.Taps - 1) * Blocked.Square;
        Transform(last, -Blocked.Square, UBackward + pair * Blocked.Square);
    }

    private void Transform(float* taps, int tap, float* u)
    {
        for (int i = 0; i < Blocked.Square; i += TLanes.Count) TransformWeights(taps + i, tap, u + i, UXi);
    }

    private void ReduceBlock(int pair, int thread)
    {
        float* sum = Context.GroupGradient(0) + pair * Blocked.Square;
        for (int i = 0; i < Count; i++) Passes<TLanes>.SumTerms(sum + i * UXi, groups, Context.GroupGradientStride, Blocked.Square, sum + i * UXi);
        for (int i = 0; i < Blocked.Square; i += TLanes.Count)
            TransformWeightGradient(sum + i, UXi, dw + pair * Blocked.Taps * Blocked.Square + i, Blocked.Square);
    }
}
