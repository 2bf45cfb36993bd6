using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>How near a float device has to come to Reference, tensor by tensor.</summary>
/// <remarks>
/// An error is measured against the size of what was added up, not of what was left over: in dz = a (g - mean g - zhat mean(g zhat))
/// everything can cancel (a batch of one pixel leaves 0), but not the rounding of a·g. The comparison is made for each channel by
/// itself, so that a large one hides nothing.
/// The cuda device has the same tolerances. On the emulator, whose cuDNN adds floats in the order of the loops or backwards, it comes to
/// 6.2e-6 forward and 3.9e-6 backward, like direct convolution; on a GPU a Winograd of cuDNN's own may come to what ours does.
/// </remarks>
internal static class Tolerances
{
    /// <summary>
    /// Forward. Direct float convolution comes to 2e-7 to 8e-7 of a channel's norm, Winograd F(4x4) to 5e-6; the smallest structural
    /// mistake, a tap of 576 at one border, is above 1e-3.
    /// </summary>
    private const double Forward = 2e-5;

    /// <summary>Backward: the sums over the batch for dw come to 3e-6 in the worst case measured, Winograd's to 1.1e-5.</summary>
    private const double Backward = 5e-5;

    /// <summary>
    /// Every element of y by itself, in root mean squares of what was added up for its channel: how near to 0 an element at ReLU's kink
    /// has to be (see <see cref="ReluKinks"/>).
    /// </summary>
    private const double ForwardElement = 10 * Forward;

    /// <summary>Compares one tensor; null where it is near enough, else one line with tensor, errors and tolerance.</summary>
    /// <param name="tensor">Which.</param>
    /// <param name="units">Units that have run before it in a row, each adding its own error.</param>
    /// <param name="facts">What the unit read and wrote on Reference.</param>
    /// <param name="expected">Reference's tensors of the same unit.</param>
    /// <param name="a">The device's values.</param>
    /// <param name="b">Reference's values.</param>
    public static string? Breach(UnitTensor tensor, int units, UnitFacts facts, Func<UnitTensor, double[]> expected, double[] a, double[] b)
    {
        bool backward = tensor is UnitTensor.Dz or UnitTensor.Dx or UnitTensor.Ds or UnitTensor.Dw or UnitTensor.DScale or UnitTensor.DBias;
        double tolerance = (backward ? Backward : Forward) * units;
        double[] yardstick = Yardstick(tensor, facts, expected, b);
        for (int channel = 0; channel < yardstick.Length; channel++)
        {
            double[] own = Channel(tensor, facts.Spec, a, channel), reference = Channel(tensor, facts.Spec, b, channel);
            var difference = TensorDifference.Between(own, reference);
            double error = difference.RelativeL2 * NormOrOne(reference);
            bool nearEverywhere = tensor != UnitTensor.Y || difference.MaxAbs <= ForwardElement * units * yardstick[channel] / Math.Sqrt(own.Length);
            if (nearEverywhere && error <= tolerance * yardstick[channel]) continue;
            return $"{facts.Spec.Name} {tensor}, channel {channel} of {yardstick.Length}: {difference}; {error / yardstick[channel]:E2} of what was added up, tolerance {tolerance:E2}";
        }
        return null;
    }

    /// <summary>Per channel, the norm of what a device adds up to arrive at the tensor; one number where channels mix.</summary>
    private static double[] Yardstick(UnitTensor tensor, UnitFacts facts, Func<UnitTensor, double[]> expected, double[] b)
    {
        var spec = facts.Spec;
        int channels = spec.Y.C;
        double[] mean = expected(UnitTensor.BatchMean), inverseStd = expected(UnitTensor.BatchInverseStd);
        double[] own = [.. Enumerable.Range(0, channels).Select(k => Norm(Channel(tensor, spec, b, k)))];
        double[] OfZ(double offset) => [.. Enumerable.Range(0, channels).Select(k => NormOf(Channel(UnitTensor.Z, spec, expected(UnitTensor.Z), k), z => Math.Abs(z) + offset * Math.Abs(mean[k])))];
        switch (tensor)
        {
            case UnitTensor.Y: // a z + (bias - a mean)
                return [.. OfZ(1).Select((z, k) => own[k] + Math.Abs(facts.Scale[k]) * inverseStd[k] * z)];
            case UnitTensor.BatchMean or UnitTensor.RunningMean: // sums of values of this deviation
                return [.. own.Select((value, k) => value + 1 / inverseStd[k])];
            case UnitTensor.DBias:
                return [.. own.Select((value, k) => value + Norm(Channel(UnitTensor.Dz, spec, MaskedDy(facts), k)))];
            case UnitTensor.DScale: // g (z - mean) / std
                double[] g = MaskedDy(facts), z = expected(UnitTensor.Z);
                for (int i = 0; i < g.Length; i++)
                {
                    int k = i / spec.Y.Plane % channels;
                    g[i] *= (Math.Abs(z[i]) + Math.Abs(mean[k])) * inverseStd[k];
                }
                return [.. own.Select((value, k) => value + Norm(Channel(UnitTensor.Dz, spec, g, k)))];
            case UnitTensor.Dz:
                double[] scaled = ScaledGradient(facts, inverseStd);
                return [.. own.Select((value, k) => value + Norm(Channel(UnitTensor.Dz, spec, scaled, k)))];
            case UnitTensor.Dw:
                var dw = new double[b.Length];
                Convolution.BackwardFilter(spec, facts.X.Length / spec.X.Size, ScaledGradient(facts, inverseStd), facts.X, dw);
                return [.. own.Select((value, k) => value + Norm(Channel(UnitTensor.Dw, spec, dw, k)))];
            case UnitTensor.Dx:
                var dx = new double[b.Length];
                Convolution.BackwardData(spec, facts.X.Length / spec.X.Size, ScaledGradient(facts, inverseStd), facts.W, null, dx);
                return [Norm(b) + Norm(dx)];
            case UnitTensor.Ds:
                return [Norm(b)];
            default:
                return own;
        }
    }

    /// <summary>g = dy relu'(y).</summary>
    private static double[] MaskedDy(UnitFacts facts)
    {
        double[] g = [.. facts.Dy];
        ReluKinks.Mask(facts.Y, g);
        return g;
    }

    /// <summary>a g, the part of dz from which the batch's two means are subtracted.</summary>
    private static double[] ScaledGradient(UnitFacts facts, double[] inverseStd)
    {
        double[] g = MaskedDy(facts);
        for (int i = 0; i < g.Length; i++)
        {
            int k = i / facts.Spec.Y.Plane % facts.Spec.Y.C;
            g[i] *= facts.Scale[k] * inverseStd[k];
        }
        return g;
    }

    /// <summary>The elements of one output channel; all of them for gradients of inputs.</summary>
    private static double[] Channel(UnitTensor tensor, ConvNormSpec spec, double[] values, int channel)
    {
        int block = tensor switch
        {
            UnitTensor.Dx or UnitTensor.Ds => values.Length,
            UnitTensor.Z or UnitTensor.Y or UnitTensor.Dz => spec.Y.Plane,
            _ => values.Length / spec.Y.C,
        };
        int blocks = values.Length / block, perImage = Math.Min(blocks, spec.Y.C);
        var result = new List<double>();
        for (int start = channel * block; start < values.Length; start += perImage * block) result.AddRange(values.AsSpan(start, block));
        return [.. result];
    }

    private static double Norm(double[] values) => NormOf(values, value => value);

    private static double NormOf(double[] values, Func<double, double> magnitude)
    {
        double squares = 0;
        foreach (double value in values) squares += magnitude(value) * magnitude(value);
        return Math.Sqrt(squares);
    }

    private static double NormOrOne(double[] values) => Norm(values) is > 0 and var norm ? norm : 1;
}
