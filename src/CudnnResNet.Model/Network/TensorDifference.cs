namespace CudnnResNet.Model;

/// <summary>How far a tensor is from the one it should equal.</summary>
/// <param name="MaxAbs">max |a - b|.</param>
/// <param name="RelativeL2">||a - b|| / ||b||, or ||a|| where b is zero.</param>
public readonly record struct TensorDifference(double MaxAbs, double RelativeL2)
{
    /// <summary>Compares element by element. Equal infinities and NaN beside NaN count as equal; NaN on one side makes both figures NaN.</summary>
    internal static TensorDifference Between(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        if (actual.Length != expected.Length) throw new ArgumentException($"{actual.Length} elements beside {expected.Length}");
        double worst = 0, errors = 0, squares = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = actual[i].Equals(expected[i]) ? 0 : Math.Abs(actual[i] - expected[i]);
            worst = Math.Max(worst, error);
            errors += error * error;
            if (double.IsFinite(expected[i])) squares += expected[i] * expected[i];
        }
        return new(worst, Math.Sqrt(errors) / (squares > 0 ? Math.Sqrt(squares) : 1));
    }

    /// <inheritdoc/>
    public override string ToString() => $"max abs {MaxAbs:E2}, relative L2 {RelativeL2:E2}";
}
