using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;

namespace CudnnResNet.Model;

/// <summary>A tensor of a pass, downloaded: (n, C, H, W), (K, C, 3, 3) and the like.</summary>
internal sealed record DownloadedTensor(UnitTensor Tensor, int[] Shape, double[] Values);

/// <summary>The tensors of a pass that comparisons look at, with their names and shapes.</summary>
internal static class ComparedTensors
{
    /// <summary>The name in the field's vocabulary.</summary>
    public static string Name(UnitTensor tensor) => tensor switch
    {
        UnitTensor.RunningMean => "running_mean",
        UnitTensor.RunningVariance => "running_var",
        _ => tensor.ToString().ToLowerInvariant(),
    };

    public static IEnumerable<DownloadedTensor> Forward(ConvNormUnit unit, int n) =>
        Download(unit, n, UnitTensor.Y, UnitTensor.RunningMean, UnitTensor.RunningVariance);

    public static IEnumerable<DownloadedTensor> Backward(ConvNormUnit unit, int n) =>
        Download(unit, n, UnitTensor.Dx, UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias, UnitTensor.Ds);

    public static IEnumerable<DownloadedTensor> Forward(HeadUnit unit, int n) => Download(unit, n, UnitTensor.Y);

    public static IEnumerable<DownloadedTensor> Backward(HeadUnit unit, int n) => Download(unit, n, UnitTensor.Dx, UnitTensor.Dw, UnitTensor.DBias);

    private static IEnumerable<DownloadedTensor> Download(ConvNormUnit unit, int n, params UnitTensor[] tensors)
    {
        foreach (var tensor in tensors)
        {
            if ((tensor == UnitTensor.Dx && !unit.Spec.NeedsDx) || (tensor == UnitTensor.Ds && unit.Spec.Shortcut == ShortcutKind.None)) continue;
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            yield return new(tensor, Shape(unit.Spec, tensor, n), values);
        }
    }

    private static IEnumerable<DownloadedTensor> Download(HeadUnit unit, int n, params UnitTensor[] tensors)
    {
        foreach (var tensor in tensors)
        {
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            yield return new(tensor, Shape(unit.Spec, tensor, n), values);
        }
    }

    private static int[] Shape(ConvNormSpec spec, UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.Y => [n, spec.Y.C, spec.Y.H, spec.Y.W],
        UnitTensor.Dx => [n, spec.X.C, spec.X.H, spec.X.W],
        UnitTensor.Ds => [n, spec.S.C, spec.S.H, spec.S.W],
        UnitTensor.Dw => [spec.Y.C, spec.X.C, 3, 3],
        _ => [spec.Y.C],
    };

    private static int[] Shape(HeadSpec spec, UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.Y => [n, spec.Classes],
        UnitTensor.Dx => [n, spec.X.C, spec.X.H, spec.X.W],
        UnitTensor.Dw => [spec.Classes, spec.X.C],
        _ => [spec.Classes],
    };
}

/// <summary>Keeps everything that is compared.</summary>
internal sealed class UnitRecorder : IUnitListener
{
    private readonly Dictionary<(string Layer, UnitTensor Tensor), double[]> recorded = [];

    public double[] this[string layer, UnitTensor tensor] => recorded[(layer, tensor)];

    public void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y) => Keep(unit.Spec.Name, ComparedTensors.Forward(unit, n));

    public void AfterBackward(ConvNormUnit unit, int n, Gradient? dx, Gradient? ds) => Keep(unit.Spec.Name, ComparedTensors.Backward(unit, n));

    public void AfterForward(HeadUnit unit, int n, Activation x) => Keep(HeadSpec.Name, ComparedTensors.Forward(unit, n));

    public void AfterBackward(HeadUnit unit, int n, Gradient dx) => Keep(HeadSpec.Name, ComparedTensors.Backward(unit, n));

    private void Keep(string layer, IEnumerable<DownloadedTensor> tensors)
    {
        foreach (var tensor in tensors) recorded[(layer, tensor.Tensor)] = tensor.Values;
    }
}
