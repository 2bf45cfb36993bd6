namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Direct convolution: the first layer, the two of stride 2, odd image sizes.</summary>
internal sealed unsafe class Direct<TLanes> : Convolution where TLanes : struct, ILanes<TLanes>
{
    private readonly CpuContext context;
    private readonly ConvolutionPlan forward;
    private readonly ConvolutionPlan[] backwardData;
    private readonly float* transposed; // w with its channel blocks transposed, for dx
    private readonly ThreadScratch output; // one image of z, in inference
    private readonly Action<int, int> transposeBlock, reducePart;

    // The arguments of the pass in progress.
    private float* w, dw;
    private int groups;

    public Direct(CpuContext context, ConvNormSpec spec) : base(spec)
    {
        this.context = context;
        forward = Blocked.IsPlanar(spec) ? ConvolutionPlan.ForwardPlanar(spec) : ConvolutionPlan.Forward(spec);
        backwardData = spec.NeedsDx && context.Plan.Training ? ConvolutionPlan.BackwardData(spec) : [];
        transposed = backwardData.Length > 0 ? context.Memory.Floats(spec.WeightCount) : null;
        output = context.Scratch(ScratchSlot.Output, spec.Y.Size);
        transposeBlock = TransposeBlock;
        reducePart = ReducePart;
    }

    public override string Kernel => $"direct, {TLanes.Count} floats";

    public override long ExecutedMultiplyAdds(Direction direction) => Spec.MultiplyAdds(direction);

    public override int BandImages => 1;

    public override int BandRows => Spec.Y.H;

    public override int PrefetchSteps => 0;

    public override int BackwardGroups => CpuContext.MaxGroups;

    public override int GradientCount => Spec.WeightCount;

    public override void BeginForward(float* w) => this.w = w;

    public override void Forward(int thread, int images, float* paddedX, float* z) => DirectConvolution<TLanes>.Run(forward, paddedX, w, z);

    public override void Multiply(int thread, int images, PaddedRows x) => DirectConvolution<TLanes>.Run(forward, x.First, w, output[thread]);

    public override void Finish(int thread, int image, int images, ImageRows rows, float* scale, float* shift, ImagePlace s, ImagePlace y) =>
        Passes<TLanes>.Normalize(rows, output[thread], scale, shift, s, y);

    public override void BeginBackwardData(float* w)
    {
        this.w = w;
        context.Pool.Run(Spec.X.C / Blocked.Lanes * (Spec.Y.C / Blocked.Lanes), transposeBlock);
    }

    public override void BackwardData(int thread, int images, float* paddedDz, float* dx)
    {
        foreach (var plan in backwardData) DirectConvolution<TLanes>.Run(plan, paddedDz, transposed, dx);
    }

    public override void BackwardFilter(int thread, int images, float* paddedX, float* paddedDz, bool isFirst, float* accumulator)
    {
        if (isFirst) new Span<float>(accumulator, GradientCount).Clear();
        DirectBackwardFilter<TLanes>.Run(Spec, paddedX, paddedDz, accumulator);
    }

    public override void FinishBackwardFilter(int groups, float* dw)
    {
        this.groups = groups;
        this.dw = dw;
        context.Pool.Run(CpuContext.Parts, reducePart);
    }

    private void TransposeBlock(int pair, int thread) => Blocked.Transpose(Spec, pair, w, transposed);

    private void ReducePart(int part, int thread)
    {
        var (first, end) = CpuContext.Part(part, Spec.WeightCount);
        Passes<TLanes>.SumTerms(context.GroupGradient(0) + first, groups, context.GroupGradientStride, end - first, dw + first);
    }
}
