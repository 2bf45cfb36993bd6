using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;

namespace CudnnResNet.Model;

/// <summary>The tensors of a pass that comparisons look at, with their names and shapes.</summary>
internal static class ComparedTensors
{
    public static readonly UnitTensor[] Forward = [UnitTensor.Y];

    public static readonly UnitTensor[] Backward = [UnitTensor.Dx, UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias];

    /// <summary>The name in the field's vocabulary.</summary>
    public static string Name(UnitTensor tensor) => tensor.ToString().ToLowerInvariant();

    public static int[] Shape(ConvNormSpec spec, UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.Y => [n, spec.Y.C, spec.Y.H, spec.Y.W],
        UnitTensor.Dx => [n, spec.X.C, spec.X.H, spec.X.W],
        UnitTensor.Dw => [spec.Y.C, spec.X.C, 3, 3],
        _ => [spec.Y.C],
    };

    public static int[] Shape(HeadSpec spec, UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.Y => [n, HeadSpec.Classes],
        UnitTensor.Dx => [n, spec.X.C, spec.X.H, spec.X.W],
        UnitTensor.Dw => [HeadSpec.Classes, spec.X.C],
        _ => [HeadSpec.Classes],
    };
}

/// <summary>Downloads what each unit has just computed and hands it on with its layer's name.</summary>
internal abstract class UnitDownloader : IUnitListener
{
    public virtual void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y) => Download(unit, n, ComparedTensors.Forward);

    public void AfterBackward(ConvNormUnit unit, int n) => Download(unit, n, ComparedTensors.Backward);

    public virtual void AfterForward(HeadUnit unit, int n, Activation x) => Download(unit, n, ComparedTensors.Forward);

    public void AfterBackward(HeadUnit unit, int n) => Download(unit, n, ComparedTensors.Backward);

    protected abstract void Received(string layer, UnitTensor tensor, int[] shape, double[] values);

    private void Download(ConvNormUnit unit, int n, UnitTensor[] tensors)
    {
        foreach (var tensor in tensors)
        {
            if (tensor == UnitTensor.Dx && !unit.Spec.NeedsDx) continue;
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            Received(unit.Spec.Name, tensor, ComparedTensors.Shape(unit.Spec, tensor, n), values);
        }
    }

    private void Download(HeadUnit unit, int n, UnitTensor[] tensors)
    {
        foreach (var tensor in tensors)
        {
            if (tensor == UnitTensor.DScale) continue;
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            Received(HeadSpec.Name, tensor, ComparedTensors.Shape(unit.Spec, tensor, n), values);
        }
    }
}

/// <summary>Keeps everything.</summary>
internal sealed class UnitRecorder : UnitDownloader
{
    private readonly Dictionary<(string Layer, UnitTensor Tensor), double[]> recorded = [];

    public double[] this[string layer, UnitTensor tensor] => recorded[(layer, tensor)];

    protected override void Received(string layer, UnitTensor tensor, int[] shape, double[] values) => recorded[(layer, tensor)] = values;
}
