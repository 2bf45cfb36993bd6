using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests;

/// <summary>Makes a wrong device of Reference: changes what its units have written before anything reads it.</summary>
internal sealed class PlantedMistake : IUnitListener
{
    /// <summary>A unit and its y.</summary>
    public Action<ReferenceConvNorm, double[]> AfterForward { get; init; } = (_, _) => { };

    /// <summary>Between the forward and the backward pass.</summary>
    public Action BeforeBackward { get; init; } = () => { };

    /// <summary>A unit with its parameters' gradients, its dx and its ds; empty where it has none.</summary>
    public Action<ReferenceConvNorm, double[], double[]> AfterBackward { get; init; } = (_, _, _) => { };

    /// <summary>A positive element of a layer's y is 0.</summary>
    public static PlantedMistake ClosedMask(string layer) => InY(layer, y => y[Array.FindIndex(y, value => value > 0.1)] = 0);

    /// <summary>An element of a layer's y that should be 0 is just above it: y is right, but ReLU's mask is not.</summary>
    public static PlantedMistake OpenMask(string layer) => InY(layer, y => y[Array.IndexOf(y, 0)] = 1e-30);

    /// <summary>The same in the backward pass only.</summary>
    public static PlantedMistake OpenMaskBackward(string layer)
    {
        double[] output = [];
        return new()
        {
            AfterForward = (unit, y) => output = unit.Spec.Name == layer ? y : output,
            // Every y has been read by then but for the backward pass; as the next unit's x, 5e-324 is as good as 0.
            BeforeBackward = () => output[Array.IndexOf(output, 0)] = double.Epsilon,
        };
    }

    /// <summary>Of a layer's weights, the gradient of one is wrong by a thousandth: the tensor's norm does not show it.</summary>
    public static PlantedMistake InWeightGradient(string layer) =>
        new() { AfterBackward = (unit, _, _) => { if (unit.Spec.Name == layer) SpoilOne(unit.W.Gradient); } };

    /// <summary>Changes one element of typical size by a thousandth.</summary>
    public static void SpoilOne(double[] values, Func<int, bool>? among = null)
    {
        double typical = TensorDifference.RootMeanSquare(values);
        values[Enumerable.Range(0, values.Length).Where(among ?? (_ => true)).MinBy(i => Math.Abs(Math.Abs(values[i]) - typical))] *= 1.001;
    }

    /// <summary>A layer's y is changed.</summary>
    public static PlantedMistake InY(string layer, Action<double[]> change) =>
        new() { AfterForward = (unit, y) => { if (unit.Spec.Name == layer) change(y); } };

    /// <summary>Opens Reference with the mistake.</summary>
    public IDevice Open(NetworkPlan plan) => new RecordingDevice(new ReferenceDevice(plan), this);

    void IUnitListener.AfterForward(ConvNormUnit unit, int n, Activation x, Activation y) => AfterForward((ReferenceConvNorm)unit, ((ReferenceActivation)y).Values);

    void IUnitListener.AfterBackward(ConvNormUnit unit, int n, Gradient? dx, Gradient? ds) =>
        AfterBackward((ReferenceConvNorm)unit, ((ReferenceGradient?)dx)?.Values ?? [], ((ReferenceGradient?)ds)?.Values ?? []);

    void IUnitListener.AfterForward(HeadUnit unit, int n, Activation x) => BeforeBackward();

    void IUnitListener.AfterBackward(HeadUnit unit, int n, Gradient dx) { }
}
