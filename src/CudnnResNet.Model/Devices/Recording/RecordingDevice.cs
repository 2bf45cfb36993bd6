namespace CudnnResNet.Model.Devices.Recording;

/// <summary>Is told after each pass of each unit, while the unit's tensors can still be downloaded.</summary>
internal interface IUnitListener
{
    /// <summary>A conv-norm unit has read x and written y for n images.</summary>
    void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y);

    /// <summary>A conv-norm unit has written its gradients.</summary>
    void AfterBackward(ConvNormUnit unit, int n);

    /// <summary>The head has read x and computed the logits.</summary>
    void AfterForward(HeadUnit unit, int n, Activation x);

    /// <summary>The head has written its gradients.</summary>
    void AfterBackward(HeadUnit unit, int n);
}

/// <summary>
/// Any device with a listener. A unit's activations and gradients are valid only until the next unit runs, so whoever wants all of
/// them has to look in between. Activations, gradients and everything else are the inner device's own.
/// </summary>
internal sealed class RecordingDevice(IDevice inner, IUnitListener listener) : IDevice
{
    public string Description => inner.Description;

    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => inner.LoadImages(pixels, labels);

    public Activation CreateInput(Shape shape) => inner.CreateInput(shape);

    public Labels CreateLabels() => inner.CreateLabels();

    public Activation CreateOutput(ConvNormSpec producer) => inner.CreateOutput(producer);

    public Gradient CreateGradient(Shape shape) => inner.CreateGradient(shape);

    public Gradient CreateShortcutGradient(ConvNormSpec spec) => inner.CreateShortcutGradient(spec);

    public ConvNormUnit CreateConvNorm(ConvNormSpec spec) => new RecordingConvNorm(inner.CreateConvNorm(spec), listener);

    public HeadUnit CreateHead(HeadSpec spec) => new RecordingHead(inner.CreateHead(spec), listener);

    public AugmentUnit CreateAugment(AugmentSpec spec) => inner.CreateAugment(spec);

    public SgdUnit CreateSgd(SgdSpec spec) => inner.CreateSgd(spec);

    public void Upload(int n, ReadOnlySpan<float> source, Activation destination) => inner.Upload(n, source, destination);

    public void Upload(ReadOnlySpan<byte> source, Labels destination) => inner.Upload(source, destination);

    public void Upload(int n, ReadOnlySpan<double> source, Gradient destination) => inner.Upload(n, source, destination);

    public void Dispose() => inner.Dispose();
}

/// <summary>A conv-norm unit with a listener.</summary>
internal sealed class RecordingConvNorm(ConvNormUnit inner, IUnitListener listener) : ConvNormUnit(inner.Spec)
{
    public override string Kernel => inner.Kernel;

    public override long ExecutedMultiplyAdds(Direction direction) => inner.ExecutedMultiplyAdds(direction);

    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        inner.Forward(n, x, s, mode, y);
        listener.AfterForward(inner, n, x, y);
    }

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        inner.Backward(n, dy, addend, dx, ds);
        listener.AfterBackward(inner, n);
    }

    public override bool Stores(UnitTensor tensor) => inner.Stores(tensor);

    public override void Download(UnitTensor tensor, Span<double> destination) => inner.Download(tensor, destination);

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source) => inner.Upload(tensor, source);
}

/// <summary>A head with a listener.</summary>
internal sealed class RecordingHead(HeadUnit inner, IUnitListener listener) : HeadUnit(inner.Spec)
{
    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        inner.Forward(n, x, labels, mode);
        listener.AfterForward(inner, n, x);
    }

    public override void Backward(int n, Gradient dx)
    {
        inner.Backward(n, dx);
        listener.AfterBackward(inner, n);
    }

    public override void SetTotals(HeadTotals totals) => inner.SetTotals(totals);

    public override HeadTotals ReadTotals() => inner.ReadTotals();

    public override void ReadLogits(int n, Span<float> logits) => inner.ReadLogits(n, logits);

    public override void Download(UnitTensor tensor, Span<double> destination) => inner.Download(tensor, destination);

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source) => inner.Upload(tensor, source);
}
