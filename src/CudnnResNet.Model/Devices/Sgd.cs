namespace CudnnResNet.Model.Devices;

/// <summary>The constants of SGD with momentum.</summary>
/// <param name="Momentum">0.9 in the paper.</param>
/// <param name="WeightDecay">1e-4 in the paper; applied to every parameter, batch norm's too, as in the reference project.</param>
internal sealed record SgdSpec(double Momentum, double WeightDecay)
{
    /// <summary>Whether updates look for what is not finite. Only the cpu device can do without, so that <c>bench --mode checks</c> can say what it costs.</summary>
    public bool Checks { get; init; } = true;
}

/// <summary>The update of one device over the whole parameter arena.</summary>
/// <remarks>Formula (libtorch's): v = m v + (g + wd w); w = w - lr v.</remarks>
internal abstract class SgdUnit(SgdSpec spec)
{
    /// <summary>The constants.</summary>
    public SgdSpec Spec { get; } = spec;

    /// <summary>Sets the learning rates of an epoch's steps, so that a device can look them up without the host.</summary>
    public abstract void SetRates(ReadOnlySpan<double> rates);

    /// <summary>Updates every parameter with the rate of the epoch's step.</summary>
    public abstract void Update(int step);

    /// <summary>
    /// The first update after which a parameter or a running statistic was not finite; null while none is known. A device that runs behind
    /// the host never waits here: it tells what it knew with the totals that were read last.
    /// </summary>
    public abstract NonFiniteUpdate? FirstNonFinite { get; }
}
