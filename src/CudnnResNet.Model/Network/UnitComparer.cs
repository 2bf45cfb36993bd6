using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model;

/// <summary>Listens to Reference and compares each tensor with the device's recording of it.</summary>
internal sealed class UnitComparer(UnitRecorder device, bool keep) : UnitDownloader
{
    private readonly List<(string Layer, Shape Output)> layers = [];
    private readonly Dictionary<string, int> kinks = [];
    private readonly Dictionary<string, List<TensorComparison>> comparisons = [];

    /// <summary>Both sides of everything that was compared, where it is to be kept.</summary>
    public List<NamedTensor> Kept { get; } = [];

    public IReadOnlyList<LayerComparisonRow> Rows() =>
        layers.ConvertAll(layer => new LayerComparisonRow(layer.Layer, layer.Output, kinks.GetValueOrDefault(layer.Layer), comparisons[layer.Layer]));

    public override void AfterForward(ConvNormUnit unit, int n, Activation y)
    {
        base.AfterForward(unit, n, y);
        var reference = ((ReferenceActivation)y).Values.AsSpan(0, n * y.Shape.Size);
        kinks[unit.Spec.Name] = TakeKinks(device[unit.Spec.Name, UnitTensor.Y], reference);
    }

    protected override void Received(string layer, UnitTensor tensor, int[] shape, double[] values)
    {
        double[] actual = device[layer, tensor];
        if (tensor == UnitTensor.Y)
        {
            layers.Add((layer, shape.Length == 4 ? new(shape[1], shape[2], shape[3]) : new(shape[1], 1, 1)));
            comparisons[layer] = [];
        }
        double tolerance = tensor == UnitTensor.Y ? LayerComparison.ForwardTolerance : LayerComparison.GradientTolerance;
        comparisons[layer].Add(new(ComparedTensors.Name(tensor), TensorDifference.Between(actual, values), tolerance));
        if (!keep) return;
        string name = $"{layer}.{ComparedTensors.Name(tensor)}";
        Kept.Add(new($"device.{name}", shape, Array.ConvertAll(actual, value => (float)value)));
        Kept.Add(new($"reference.{name}", shape, Array.ConvertAll(values, value => (float)value)));
    }

    /// <summary>Sets reference to the device's value where only one of them is 0 and they are next to each other; returns how often.</summary>
    private static int TakeKinks(ReadOnlySpan<double> actual, Span<double> reference)
    {
        double squares = 0;
        foreach (double value in reference) squares += value * value;
        double band = LayerComparison.KinkBand * Math.Sqrt(squares / reference.Length);
        int count = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            if (actual[i] <= 0 == reference[i] <= 0 || !(Math.Abs(actual[i] - reference[i]) <= band)) continue;
            reference[i] = actual[i];
            count++;
        }
        return count;
    }
}
