using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Mean and spread of one figure over runs that differ in their seeds only.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="StandardDeviation">Of the sample, with n - 1; null for one run.</param>
/// <param name="Count">Runs.</param>
internal readonly record struct Statistic(double Mean, double? StandardDeviation, int Count)
{
    /// <summary>Of at least one value.</summary>
    public static Statistic Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        return new(mean, values.Count > 1 ? Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)) : null, values.Count);
    }

    /// <summary>Fractions in percent: <c>9.36</c>, <c>9.36 ± 0.12</c>.</summary>
    public string InPercent() => Words.Text($"{Mean * 100:F2}") + (StandardDeviation is { } deviation ? Words.Text($" ± {deviation * 100:F2}") : "");
}
