namespace CudnnResNet.Model;

/// <summary>How far a tensor is from the one it should equal.</summary>
/// <param name="MaxAbs">max |a - b|.</param>
/// <param name="RelativeL2">||a - b|| / ||b||, or ||a|| where b is zero.</param>
/// <param name="MaxByRms">
/// max |a - b| by the root mean square of b, or max |a| where b is zero: large even where a single element of many is wrong.
/// </param>
public readonly record struct TensorDifference(double MaxAbs, double RelativeL2, double MaxByRms)
{
    /// <summary>Compares element by element. Equal infinities and NaN beside NaN count as equal; NaN on one side makes all figures NaN.</summary>
    internal static TensorDifference Between(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected) => Between(actual, expected, RootMeanSquare(expected));

    /// <summary>The same, with another root mean square than that of what is expected to measure in.</summary>
    internal static TensorDifference Between(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double rootMeanSquare)
    {
        if (actual.Length != expected.Length) throw new ArgumentException($"{actual.Length} elements beside {expected.Length}");
        double worst = 0, errors = 0, norm = rootMeanSquare * Math.Sqrt(expected.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            double error = actual[i].Equals(expected[i]) ? 0 : Math.Abs(actual[i] - expected[i]);
            worst = Math.Max(worst, error);
            errors += error * error;
        }
        return rootMeanSquare > 0 ? new(worst, Math.Sqrt(errors) / norm, worst / rootMeanSquare) : new(worst, Math.Sqrt(errors), worst);
    }

    /// <summary>The root mean square of the elements, those that are not finite counting as 0.</summary>
    internal static double RootMeanSquare(ReadOnlySpan<double> values)
    {
        double squares = 0;
        foreach (double value in values)
            if (double.IsFinite(value)) squares += value * value;
        return Math.Sqrt(squares / values.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => $"max abs {MaxAbs:E2}, {MaxByRms:E2} root mean squares, relative L2 {RelativeL2:E2}";
}
