namespace CudnnResNet.Model;

/// <summary>
/// What a comparison of gradients has to know of ReLU. Its derivative jumps at 0: where a value within rounding of 0 comes out as 0 on
/// one side and as just above 0 on the other, both are right, but the gradient that passes there is all or nothing. A dozen such
/// elements among 100,000 put 3 % into gradients that agree to 1e-6 otherwise.
/// </summary>
internal static class ReluKinks
{
    /// <summary>
    /// Gives the reference's y the device's value where only one of them is 0 and they are at most band root mean squares of y apart,
    /// before anything reads it; returns how often. A wrong mask cannot hide here: its y would be wrong too.
    /// </summary>
    public static int Align(ReadOnlySpan<double> device, Span<double> reference, double band)
    {
        double squares = 0;
        foreach (double value in reference) squares += value * value;
        double largest = band * Math.Sqrt(squares / reference.Length);
        int count = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            if (device[i] <= 0 == reference[i] <= 0 || !(Math.Abs(device[i] - reference[i]) <= largest)) continue;
            reference[i] = device[i];
            count++;
        }
        return count;
    }

    /// <summary>dx where x, a ReLU's output, is 0: nothing before that ReLU sees it, and a device may leave it out or not.</summary>
    public static void Mask(ReadOnlySpan<double> x, Span<double> dx)
    {
        for (int i = 0; i < dx.Length; i++)
            if (x[i] <= 0) dx[i] = 0;
    }
}
