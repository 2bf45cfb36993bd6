using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model;

/// <summary>Listens to Reference and compares each tensor with the device's recording of it.</summary>
internal sealed class UnitComparer(UnitRecorder device, bool keep) : UnitDownloader
{
    private readonly List<(string Layer, Shape Output)> layers = [];
    private readonly Dictionary<string, double[]> inputs = []; // x of each layer, on Reference
    private readonly Dictionary<string, int> kinks = [];
    private readonly Dictionary<string, List<TensorComparison>> comparisons = [];

    /// <summary>Both sides of everything that was compared, where it is to be kept.</summary>
    public List<NamedTensor> Kept { get; } = [];

    public IReadOnlyList<LayerComparisonRow> Rows() =>
        layers.ConvertAll(layer => new LayerComparisonRow(layer.Layer, layer.Output, kinks.GetValueOrDefault(layer.Layer), comparisons[layer.Layer]));

    public override void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y)
    {
        base.AfterForward(unit, n, x, y);
        inputs[unit.Spec.Name] = ((ReferenceActivation)x).Values;
        var reference = ((ReferenceActivation)y).Values.AsSpan(0, n * y.Shape.Size);
        kinks[unit.Spec.Name] = ReluKinks.Align(device[unit.Spec.Name, UnitTensor.Y], reference, LayerComparison.KinkBand);
    }

    public override void AfterForward(HeadUnit unit, int n, Activation x)
    {
        base.AfterForward(unit, n, x);
        inputs[HeadSpec.Name] = ((ReferenceActivation)x).Values;
    }

    protected override void Received(string layer, UnitTensor tensor, int[] shape, double[] values)
    {
        double[] actual = device[layer, tensor];
        if (tensor == UnitTensor.Y)
        {
            layers.Add((layer, shape.Length == 4 ? new(shape[1], shape[2], shape[3]) : new(shape[1], 1, 1)));
            comparisons[layer] = [];
        }
        if (tensor == UnitTensor.Dx)
        {
            ReluKinks.Mask(inputs[layer], actual);
            ReluKinks.Mask(inputs[layer], values);
        }
        double tolerance = tensor == UnitTensor.Y ? LayerComparison.ForwardTolerance : LayerComparison.GradientTolerance;
        comparisons[layer].Add(new(ComparedTensors.Name(tensor), TensorDifference.Between(actual, values), tolerance));
        if (!keep) return;
        string name = $"{layer}.{ComparedTensors.Name(tensor)}";
        Kept.Add(new($"device.{name}", shape, Array.ConvertAll(actual, value => (float)value)));
        Kept.Add(new($"reference.{name}", shape, Array.ConvertAll(values, value => (float)value)));
    }
}
