namespace CudnnResNet.Model.Devices.Delegating;

/// <summary>A device that hands everything to another one: the base of those that watch a device at work.</summary>
internal abstract class DelegatingDevice(IDevice inner) : IDevice
{
    protected IDevice Inner { get; } = inner;

    public virtual DeviceKind Kind => Inner.Kind;

    public bool IsEmulated => Inner.IsEmulated;

    public string Description => Inner.Description;

    public virtual int InferenceBatch => Inner.InferenceBatch;

    public double? MeasurePeak() => Inner.MeasurePeak();

    public virtual AlgorithmChoice? Algorithms => Inner.Algorithms;

    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => Inner.LoadImages(pixels, labels);

    public virtual Activation CreateInput(Shape shape) => Inner.CreateInput(shape);

    public Labels CreateLabels() => Inner.CreateLabels();

    public Activation CreateOutput(ConvNormSpec producer) => Inner.CreateOutput(producer);

    public Gradient CreateGradient(Shape shape) => Inner.CreateGradient(shape);

    public Gradient CreateShortcutGradient(ConvNormSpec spec) => Inner.CreateShortcutGradient(spec);

    public abstract ConvNormUnit CreateConvNorm(ConvNormSpec spec);

    public abstract HeadUnit CreateHead(HeadSpec spec);

    public virtual AugmentUnit CreateAugment(AugmentSpec spec) => Inner.CreateAugment(spec);

    public virtual SgdUnit CreateSgd(SgdSpec spec) => Inner.CreateSgd(spec);

    public void Allocate() => Inner.Allocate();

    public virtual void Run(Pass pass, Action<Pass> body) => Inner.Run(pass, body);

    public void Upload(int n, ReadOnlySpan<float> source, Activation destination) => Inner.Upload(n, source, destination);

    public void Upload(ReadOnlySpan<byte> source, Labels destination) => Inner.Upload(source, destination);

    public void Upload(int n, ReadOnlySpan<double> source, Gradient destination) => Inner.Upload(n, source, destination);

    public void Dispose() => Inner.Dispose();
}

/// <summary>A conv-norm unit around another one; what is done around its passes is left to say.</summary>
internal abstract class DelegatingConvNorm(ConvNormUnit inner) : ConvNormUnit(inner.Spec)
{
    protected ConvNormUnit Inner { get; } = inner;

    public override string Kernel => Inner.Kernel;

    public override long ExecutedMultiplyAdds(Direction direction) => Inner.ExecutedMultiplyAdds(direction);

    public override bool Stores(UnitTensor tensor) => Inner.Stores(tensor);

    public override void Download(UnitTensor tensor, Span<double> destination) => Inner.Download(tensor, destination);

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source) => Inner.Upload(tensor, source);
}

/// <summary>A head around another one; what is done around its passes is left to say.</summary>
internal abstract class DelegatingHead(HeadUnit inner) : HeadUnit(inner.Spec)
{
    protected HeadUnit Inner { get; } = inner;

    public override void SetTotals(Totals totals) => Inner.SetTotals(totals);

    public override Totals ReadTotals() => Inner.ReadTotals();

    public override PendingTotals RequestTotals() => Inner.RequestTotals();

    public override void ReadLogits(int n, Span<float> logits) => Inner.ReadLogits(n, logits);

    public override void Download(UnitTensor tensor, Span<double> destination) => Inner.Download(tensor, destination);

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source) => Inner.Upload(tensor, source);
}
