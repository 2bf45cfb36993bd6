namespace CudnnResNet.Model.Devices.Reference;

/// <summary>SGD with momentum, parameter by parameter.</summary>
internal sealed class ReferenceSgd(SgdSpec spec, IReadOnlyList<Parameter> parameters) : SgdUnit(spec)
{
    private double[] rates = [];
    private bool foundNonFinite;

    public override void SetRates(ReadOnlySpan<double> rates) => this.rates = rates.ToArray();

    public override void Update(int step)
    {
        double rate = rates[step];
        foreach (var parameter in parameters)
        {
            double[] w = parameter.Values, g = parameter.Gradient, v = parameter.Velocity;
            for (int i = 0; i < w.Length; i++)
            {
                v[i] = Spec.Momentum * v[i] + (g[i] + Spec.WeightDecay * w[i]);
                w[i] -= rate * v[i];
                foundNonFinite |= !double.IsFinite(g[i]) || !double.IsFinite(w[i]);
            }
        }
    }

    public override NonFiniteUpdate? FirstNonFinite => foundNonFinite ? NonFiniteUpdate.Last : null;
}
