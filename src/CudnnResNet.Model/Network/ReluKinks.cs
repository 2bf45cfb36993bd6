using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model;

/// <summary>
/// What a comparison of gradients has to know of ReLU. Its derivative jumps at 0: where a value within rounding of 0 comes out as 0 on
/// one side and as just above 0 on the other, both are right, but the gradient that passes there is all or nothing. A dozen such
/// elements among 100,000 put 3 % into gradients that agree to 1e-6 otherwise.
/// </summary>
internal static class ReluKinks
{
    /// <summary>
    /// Puts each ReLU of Reference's last forward pass on the device's side, before anything reads y: where only one of them lets an
    /// element through, y gets the device's value.
    /// </summary>
    /// <param name="unit">Reference's unit.</param>
    /// <param name="device">y on the device.</param>
    /// <param name="y">y of the unit.</param>
    /// <returns>
    /// What the device's y is to be compared with, and how many elements were on the other side. Expected of such an element is what
    /// Reference's ReLU was applied to, also where that is below 0: so a device may let an element through only where it is near 0,
    /// however small a y it gives.
    /// </returns>
    public static (double[] Expected, int Kinks) Align(ReferenceConvNorm unit, ReadOnlySpan<double> device, Span<double> y)
    {
        double[] expected = unit.PreActivation();
        int kinks = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            // The contract's sides: y <= 0 ? 0 : dy. NaN is let through.
            bool closed = device[i] <= 0;
            if (closed != expected[i] <= 0)
            {
                y[i] = device[i];
                kinks++;
            }
            else if (closed)
            {
                expected[i] = 0;
            }
        }
        return (expected, kinks);
    }

    /// <summary>dx where x, a ReLU's output, is 0: nothing before that ReLU sees it, and a device may leave it out or not.</summary>
    public static void Mask(ReadOnlySpan<double> x, Span<double> dx)
    {
        for (int i = 0; i < dx.Length; i++)
            if (x[i] <= 0) dx[i] = 0;
    }
}
