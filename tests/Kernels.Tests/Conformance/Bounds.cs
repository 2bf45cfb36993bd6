using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>How near a kernel has to come to Reference, and why; element by element.</summary>
/// <remarks>
/// Augmentation and the joins are compared bit for bit: a byte becomes a float of a table, or the float difference of two; ReLU and copies
/// round nothing; and the double sum of two floats, rounded to float, is their float sum. Everything else has the bounds below, which
/// follow from counting roundings, not from what was measured.
/// </remarks>
internal static class Bounds
{
    /// <summary>What one rounding to float changes at most, relative to the result; 1 % more covers products of two such errors.</summary>
    public const double Float = 1.01 / (1 << 24);

    /// <summary>What one rounding to double changes at most, relative to the result.</summary>
    public const double Double = 1.0 / (1L << 53);

    /// <summary>Half of the smallest float above 0: what rounding changes where results are subnormal.</summary>
    public const double Subnormal = float.Epsilon / 2.0;

    /// <summary>
    /// An element of dlogits = (softmax - onehot) / n: computed in double, rounded once. Exponential, sum, quotient and difference take 16
    /// roundings of numbers up to 1 at most, on either side.
    /// </summary>
    public static double LogitGradient(double expected, int n) => Float * Math.Abs(expected) + 16 * Double / n + Subnormal;

    /// <summary>
    /// The sum of the losses: in double and image after image on either side, so the sums' roundings are the same but for what they round.
    /// Each loss is max + log(sum) - z[label], 16 roundings of numbers as large as these; adding takes one more for each image.
    /// </summary>
    /// <param name="magnitude">What was added up: the sum of |max| + log 10 + |z[label]|, and of the totals before.</param>
    /// <param name="images">Images added.</param>
    public static double LossSum(double magnitude, long images) => (16 + images) * Double * magnitude;

    /// <summary>
    /// Weights of size 1 after five whole steps, where roundings of 6e-8 come back through gradients, momentum and rates of up to 2. A step
    /// on a wrong batch or at a wrong rate is off by 1e-2 and more. A loss moves by at most twice as much as its logits.
    /// </summary>
    public const double FewSteps = 1e-5;

    /// <summary>Fails where an element is farther from Reference than its bound; what is not finite has to be the same.</summary>
    public static void Check(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, Func<int, double> bound)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (int i = 0; i < actual.Length; i++)
        {
            float rounded = (float)expected[i];
            bool near = float.IsFinite(rounded) ? Math.Abs(actual[i] - expected[i]) <= bound(i) : actual[i].Equals(rounded);
            if (!near) Assert.Fail($"{what}, element {i} of {actual.Length}: {actual[i]:R} instead of {expected[i]:R}, bound {bound(i):E2}");
        }
    }

    /// <summary>Fails where an element has other bits than Reference's, the sign of zero included; any NaN is as good as another.</summary>
    public static void CheckBits(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (int i = 0; i < actual.Length; i++)
        {
            float rounded = (float)expected[i];
            bool same = float.IsNaN(rounded) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(actual[i]) == BitConverter.SingleToInt32Bits(rounded);
            if (!same) Assert.Fail($"{what}, element {i} of {actual.Length}: {actual[i]:R} instead of {rounded:R}");
        }
    }
}

/// <summary>
/// How far SGD in float may be from Reference, a tensor's v and w by themselves: every update adds a rounding of each of its three fused
/// operations to what is carried on of the errors before.
/// </summary>
internal sealed class SgdBound(int count)
{
    public double[] V { get; } = new double[count];

    public double[] W { get; } = new double[count];

    /// <summary>Adds the update that Reference is about to make.</summary>
    public void Add(Parameter parameter, SgdSpec spec, double rate)
    {
        for (int i = 0; i < count; i++)
        {
            double decayed = parameter.Gradient[i] + spec.WeightDecay * parameter.Values[i];
            double v = spec.Momentum * parameter.Velocity[i] + decayed, w = parameter.Values[i] - rate * v;
            V[i] = spec.Momentum * V[i] + spec.WeightDecay * W[i] + Rounding(decayed) + Rounding(v);
            W[i] += rate * V[i] + Rounding(w);
        }
    }

    private static double Rounding(double value) => Bounds.Float * Math.Abs(value) + Bounds.Subnormal;
}
