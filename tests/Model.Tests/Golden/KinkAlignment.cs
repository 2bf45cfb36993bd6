using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// Listens to Reference and gives it a device's side of ReLU, but only where rounding decides it; everywhere else the device has to be
/// on Reference's side, or the test fails. So gradients can be compared as tightly as they are computed: an element whose pre-activation
/// bn(z) + shortcut(s) is a rounding error away from 0 may pass its gradient on one side and not on the other, and both are right.
/// </summary>
/// <param name="device">The device's pass, which must be complete before Reference's begins.</param>
/// <param name="rounding">
/// How near the device's y has to be to Reference's at every element, in root mean squares of the layer's y; and how near to 0 a
/// pre-activation has to be on Reference before its side is the device's choice.
/// </param>
internal sealed class KinkAlignment(UnitRecorder device, double rounding) : IUnitListener
{
    private double[] input = [], inputBefore = []; // x of the last unit and of the one before it, (n, C, H, W)

    /// <summary>Elements that were given the device's side in this step.</summary>
    public int Kinks { get; private set; }

    /// <summary>The largest error of an element of y in this step, in root mean squares of its layer's y.</summary>
    public double LargestError { get; private set; }

    /// <summary>Begins a step.</summary>
    public void BeginStep() => (Kinks, LargestError) = (0, 0);

    public void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y)
    {
        (inputBefore, input) = (input, ((ReferenceActivation)x).Values);
        if (!unit.Stores(UnitTensor.BatchMean)) return; // inference: nothing goes backward
        string layer = unit.Spec.Name;
        double[] own = device[layer, UnitTensor.Y];
        var expected = ((ReferenceActivation)y).Values.AsSpan(0, n * y.Shape.Size);
        double scale = Difference.RootMeanSquare(expected);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(own[i] - expected[i]) / scale;
            if (!(error <= rounding)) Assert.Fail($"y of {layer}, element {i}: {own[i]}, on Reference {expected[i]}, {error:E2} root mean squares off, allowed {rounding:E2}");
            LargestError = Math.Max(LargestError, error);
            if (own[i] <= 0 == expected[i] <= 0) continue;
            double preActivation = PreActivation((ReferenceConvNorm)unit, n, i);
            if (!(Math.Abs(preActivation) <= rounding * scale))
                Assert.Fail($"y of {layer}, element {i}: {own[i]} is on the wrong side of ReLU, the pre-activation is {preActivation}, allowed {rounding * scale:E2}");
            expected[i] = own[i];
            Kinks++;
        }
    }

    public void AfterBackward(ConvNormUnit unit, int n) { }

    public void AfterForward(HeadUnit unit, int n, Activation x) { }

    public void AfterBackward(HeadUnit unit, int n) { }

    /// <summary>bn(z) + shortcut(s) of one element of (n, K, H, W).</summary>
    private double PreActivation(ReferenceConvNorm unit, int n, int i)
    {
        int k = i / unit.Spec.Y.Plane % unit.Spec.Y.C;
        return unit.Scale.Values[k] * (At(UnitTensor.Z, i) - At(UnitTensor.BatchMean, k)) * At(UnitTensor.BatchInverseStd, k) + unit.Bias.Values[k] + Shortcut(unit.Spec, i);

        double At(UnitTensor tensor, int element)
        {
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            return values[element];
        }
    }

    /// <summary>What the shortcut adds to one element of y: s is the block's input, the x of its first unit.</summary>
    private double Shortcut(ConvNormSpec spec, int i)
    {
        if (spec.Shortcut == ShortcutKind.None) return 0;
        if (spec.Shortcut == ShortcutKind.Identity) return inputBefore[i];
        int image = i / spec.Y.Size, c = i / spec.Y.Plane % spec.Y.C - spec.ShortcutOffset, h = i / spec.Y.W % spec.Y.H, w = i % spec.Y.W;
        return c >= 0 && c < spec.S.C ? inputBefore[image * spec.S.Size + c * spec.S.Plane + 2 * h * spec.S.W + 2 * w] : 0;
    }
}
