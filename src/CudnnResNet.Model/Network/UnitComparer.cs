using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model;

/// <summary>
/// Listens to Reference, compares each tensor with the device's recording of it, and then puts the device's values in its place: the
/// next unit begins from what the device's own unit began from.
/// </summary>
internal sealed class UnitComparer(UnitRecorder device, bool keep) : IUnitListener
{
    private readonly List<LayerComparisonRow> rows = [];
    private readonly Dictionary<string, (double[] X, List<TensorComparison> Tensors)> layers = []; // x is the device's

    /// <summary>A row for each layer, in forward order.</summary>
    public IReadOnlyList<LayerComparisonRow> Rows => rows;

    /// <summary>Both sides of everything that was compared, where it is to be kept.</summary>
    public List<NamedTensor> Kept { get; } = [];

    public void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y)
    {
        string layer = unit.Spec.Name;
        double[] own = device[layer, UnitTensor.Y], reference = ((ReferenceActivation)y).Values;
        var (expected, kinks) = ReluKinks.Align((ReferenceConvNorm)unit, own, reference);
        Begin(layer, y.Shape, n, x, kinks);
        Compare(layer, ComparedTensors.Forward(unit, n).Select(tensor => tensor.Tensor == UnitTensor.Y ? tensor with { Values = expected } : tensor));
        own.CopyTo(reference, 0);
    }

    public void AfterBackward(ConvNormUnit unit, int n, Gradient? dx, Gradient? ds)
    {
        string layer = unit.Spec.Name;
        Compare(layer, ComparedTensors.Backward(unit, n));
        if (dx is not null) Replace(dx, device[layer, UnitTensor.Dx]);
        if (ds is not null) Replace(ds, device[layer, UnitTensor.Ds]);
    }

    public void AfterForward(HeadUnit unit, int n, Activation x)
    {
        Begin(HeadSpec.Name, new(unit.Spec.Classes, 1, 1), n, x, kinks: 0);
        Compare(HeadSpec.Name, ComparedTensors.Forward(unit, n));
    }

    public void AfterBackward(HeadUnit unit, int n, Gradient dx)
    {
        Compare(HeadSpec.Name, ComparedTensors.Backward(unit, n));
        Replace(dx, device[HeadSpec.Name, UnitTensor.Dx]);
    }

    private void Begin(string layer, Shape output, int n, Activation x, int kinks)
    {
        var tensors = new List<TensorComparison>();
        layers[layer] = (((ReferenceActivation)x).Values, tensors);
        rows.Add(new(layer, output, kinks, LayerComparison.MostKinks(n * output.Size), tensors));
    }

    private void Compare(string layer, IEnumerable<DownloadedTensor> tensors)
    {
        var (x, comparisons) = layers[layer];
        var pass = tensors.ToList();
        foreach (var (tensor, shape, expected) in pass)
        {
            double[] own = device[layer, tensor];
            if (tensor == UnitTensor.Dx)
            {
                ReluKinks.Mask(x, own);
                ReluKinks.Mask(x, expected);
            }
            string name = ComparedTensors.Name(tensor);
            comparisons.Add(new(name, TensorDifference.Between(own, expected, Measure(tensor, expected, pass))));
            if (!keep) continue;
            Kept.Add(new($"device.{layer}.{name}", shape, Array.ConvertAll(own, value => (float)value)));
            Kept.Add(new($"reference.{layer}.{name}", shape, Array.ConvertAll(expected, value => (float)value)));
        }
    }

    /// <summary>What errors of a tensor are measured in; see <see cref="TensorComparison"/>.</summary>
    private static double Measure(UnitTensor tensor, double[] expected, List<DownloadedTensor> pass)
    {
        double own = TensorDifference.RootMeanSquare(expected);
        return tensor switch
        {
            UnitTensor.RunningMean => Math.Sqrt(own * own + Values(UnitTensor.RunningVariance).Average()),
            UnitTensor.DBias when pass.Exists(other => other.Tensor == UnitTensor.DScale) => double.Hypot(own, TensorDifference.RootMeanSquare(Values(UnitTensor.DScale))),
            _ => own,
        };

        double[] Values(UnitTensor other) => pass.Find(entry => entry.Tensor == other)!.Values;
    }

    private static void Replace(Gradient gradient, double[] values) => values.CopyTo(((ReferenceGradient)gradient).Values, 0);
}
