using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Model.Devices.Profiling;

/// <summary>Any device with a timer and a range around each pass of each unit. What is computed is the inner device's own, to the byte.</summary>
/// <remarks>A pass is timed from its call to its return, which is its work on a device that has finished when it returns.</remarks>
internal sealed class ProfilingDevice(IDevice inner, Profiler profiler) : DelegatingDevice(inner)
{
    public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => new ProfilingConvNorm(Inner.CreateConvNorm(spec), profiler);

    public override HeadUnit CreateHead(HeadSpec spec) => new ProfilingHead(Inner.CreateHead(spec), profiler);

    public override AugmentUnit CreateAugment(AugmentSpec spec) => new ProfilingAugment(Inner.CreateAugment(spec), profiler);

    public override SgdUnit CreateSgd(SgdSpec spec) => new ProfilingSgd(Inner.CreateSgd(spec), profiler);
}

/// <summary>A conv-norm unit with a timer for each direction.</summary>
internal sealed class ProfilingConvNorm(ConvNormUnit inner, Profiler profiler) : DelegatingConvNorm(inner)
{
    private readonly OpTimer forward = profiler.Add(inner.Spec.Name, Direction.Forward), backward = profiler.Add(inner.Spec.Name, Direction.Backward);

    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        forward.Begin();
        Inner.Forward(n, x, s, mode, y);
        forward.End(n);
    }

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        backward.Begin();
        Inner.Backward(n, dy, addend, dx, ds);
        backward.End(n);
    }
}

/// <summary>A head with a timer for each direction.</summary>
internal sealed class ProfilingHead(HeadUnit inner, Profiler profiler) : DelegatingHead(inner)
{
    private readonly OpTimer forward = profiler.Add(HeadSpec.Name, Direction.Forward), backward = profiler.Add(HeadSpec.Name, Direction.Backward);

    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        forward.Begin();
        Inner.Forward(n, x, labels, mode);
        forward.End(n);
    }

    public override void Backward(int n, Gradient dx)
    {
        backward.Begin();
        Inner.Backward(n, dx);
        backward.End(n);
    }
}

/// <summary>An augmentation unit with a timer.</summary>
internal sealed class ProfilingAugment(AugmentUnit inner, Profiler profiler) : AugmentUnit(inner.Spec)
{
    private readonly OpTimer timer = profiler.Add(OpList.AugmentName, null);

    public override void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels)
    {
        timer.Begin();
        inner.Forward(images, first, n, mode, x, labels);
        timer.End(n);
    }
}

/// <summary>An update with a timer.</summary>
internal sealed class ProfilingSgd(SgdUnit inner, Profiler profiler) : SgdUnit(inner.Spec)
{
    private readonly OpTimer timer = profiler.Add(OpList.UpdateName, null);

    public override void SetRates(ReadOnlySpan<double> rates) => inner.SetRates(rates);

    public override void Update(int step)
    {
        timer.Begin();
        inner.Update(step);
        timer.End(0);
    }

    public override NonFiniteUpdate? FirstNonFinite => inner.FirstNonFinite;
}
