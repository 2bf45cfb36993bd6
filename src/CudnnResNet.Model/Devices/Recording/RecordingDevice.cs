using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Model.Devices.Recording;

/// <summary>Is told after each pass of each unit, while the unit's tensors can still be downloaded.</summary>
internal interface IUnitListener
{
    /// <summary>A conv-norm unit has read x and written y for n images.</summary>
    void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y);

    /// <summary>A conv-norm unit has written its gradients: dx and ds where it has them, and those of its parameters.</summary>
    void AfterBackward(ConvNormUnit unit, int n, Gradient? dx, Gradient? ds);

    /// <summary>The head has read x and computed the logits.</summary>
    void AfterForward(HeadUnit unit, int n, Activation x);

    /// <summary>The head has written its gradients.</summary>
    void AfterBackward(HeadUnit unit, int n, Gradient dx);
}

/// <summary>
/// Any device with a listener. A unit's activations and gradients are valid only until the next unit runs, so whoever wants all of
/// them has to look in between. Activations, gradients and everything else are the inner device's own.
/// </summary>
internal sealed class RecordingDevice(IDevice inner, IUnitListener listener) : DelegatingDevice(inner)
{
    // What a unit hands out is then the whole batch's.
    public override int InferenceBatch => int.MaxValue;

    public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => new RecordingConvNorm(Inner.CreateConvNorm(spec), listener);

    public override HeadUnit CreateHead(HeadSpec spec) => new RecordingHead(Inner.CreateHead(spec), listener);
}

/// <summary>A conv-norm unit with a listener.</summary>
internal sealed class RecordingConvNorm(ConvNormUnit inner, IUnitListener listener) : DelegatingConvNorm(inner)
{
    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        Inner.Forward(n, x, s, mode, y);
        listener.AfterForward(Inner, n, x, y);
    }

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        Inner.Backward(n, dy, addend, dx, ds);
        listener.AfterBackward(Inner, n, dx, ds);
    }
}

/// <summary>A head with a listener.</summary>
internal sealed class RecordingHead(HeadUnit inner, IUnitListener listener) : DelegatingHead(inner)
{
    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        Inner.Forward(n, x, labels, mode);
        listener.AfterForward(Inner, n, x);
    }

    public override void Backward(int n, Gradient dx)
    {
        Inner.Backward(n, dx);
        listener.AfterBackward(Inner, n, dx);
    }
}
