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
    /// <summary>Elements that were given the device's side in this step.</summary>
    public int Kinks { get; private set; }

    /// <summary>The largest error of an element of y in this step, in root mean squares of its layer's y.</summary>
    public double LargestError { get; private set; }

    /// <summary>Begins a step.</summary>
    public void BeginStep() => (Kinks, LargestError) = (0, 0);

    public void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y)
    {
        if (!unit.Stores(UnitTensor.BatchMean)) return; // inference: nothing goes backward
        double[] own = device[unit.Spec.Name, UnitTensor.Y];
        var (expected, kinks) = ReluKinks.Align((ReferenceConvNorm)unit, own, ((ReferenceActivation)y).Values);
        Difference.AssertEveryElement($"y of {unit.Spec.Name}", own, expected, rounding);
        Kinks += kinks;
        LargestError = Math.Max(LargestError, TensorDifference.Between(own, expected).MaxByRms);
    }

    public void AfterBackward(ConvNormUnit unit, int n, Gradient? dx, Gradient? ds) { }

    public void AfterForward(HeadUnit unit, int n, Activation x) { }

    public void AfterBackward(HeadUnit unit, int n, Gradient dx) { }
}
