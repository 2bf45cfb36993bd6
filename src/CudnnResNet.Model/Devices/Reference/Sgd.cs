namespace CudnnResNet.Model.Devices.Reference;

/// <summary>SGD with momentum, parameter by parameter.</summary>
/// <param name="spec">The constants.</param>
/// <param name="parameters">The parameters and their names.</param>
/// <param name="statistics">The running statistics and their names: only looked at.</param>
internal sealed class ReferenceSgd(SgdSpec spec, IReadOnlyList<(string Name, Parameter Parameter)> parameters, IReadOnlyList<(string Name, double[] Values)> statistics) : SgdUnit(spec)
{
    private double[] rates = [];
    private NonFiniteUpdate? firstNonFinite;

    public override void SetRates(ReadOnlySpan<double> rates) => this.rates = rates.ToArray();

    public override void Update(int step)
    {
        double rate = rates[step];
        foreach (var (_, parameter) in parameters)
        {
            double[] w = parameter.Values, g = parameter.Gradient, v = parameter.Velocity;
            for (int i = 0; i < w.Length; i++)
            {
                v[i] = Spec.Momentum * v[i] + (g[i] + Spec.WeightDecay * w[i]);
                w[i] -= rate * v[i];
            }
        }
        if (firstNonFinite is null && NonFiniteTensor() is { } tensor) firstNonFinite = new(step, tensor);
    }

    public override NonFiniteUpdate? FirstNonFinite => firstNonFinite;

    private string? NonFiniteTensor()
    {
        foreach (var (name, parameter) in parameters)
            if (!Array.TrueForAll(parameter.Values, FitsFloat)) return name;
        foreach (var (name, values) in statistics)
            if (!Array.TrueForAll(values, FitsFloat)) return name;
        return null;
    }

    // What a checkpoint can hold.
    private static bool FitsFloat(double value) => float.IsFinite((float)value);
}
