using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>One of libtorch's whole-network runs: three SGD steps on one batch of 8, and the same on a device of ours.</summary>
internal sealed class GoldenRun : IDisposable
{
    public const int Batch = 8;
    public const double LearningRate = 0.1;

    private readonly SafeTensors file;
    private readonly float[] input;   // (8, 3, 32, 32)
    private readonly byte[] labels;   // (8)
    private double lossBefore;

    /// <param name="name">resnet20, plain20 or resnet20-centred.</param>
    /// <param name="device">What computes.</param>
    public GoldenRun(string name, DeviceOptions device)
    {
        file = Open(name);
        var kind = name.StartsWith("plain", StringComparison.Ordinal) ? Architecture.Plain : Architecture.ResNet;
        var padding = name.EndsWith("centred", StringComparison.Ordinal) ? ShortcutPadding.Centred : ShortcutPadding.Trailing;
        input = file.Floats("input");
        labels = Array.ConvertAll(file.Floats("labels"), value => (byte)value);
        Network = new(new(kind, 20, padding), new() { Device = device, BatchSize = Batch });
        Network.Load(Initial(file, Network.State()));
    }

    public ResNet Network { get; }

    public float[] Input => input;

    public byte[] Labels => labels;

    /// <summary>One step; returns its loss and leaves its logits in the head.</summary>
    public double Step()
    {
        Network.TrainStep(input, labels, LearningRate);
        double sum = Network.ReadTotals().LossSum, loss = (sum - lossBefore) / Batch;
        lossBefore = sum;
        return loss;
    }

    /// <summary>The logits of the last step.</summary>
    public double[] Logits()
    {
        var logits = new double[Batch * HeadSpec.Classes];
        Network.Head.Download(UnitTensor.Y, logits);
        return logits;
    }

    /// <summary>The logits with the running statistics.</summary>
    public double[] InferenceLogits()
    {
        Network.Infer(input, new float[Batch * HeadSpec.Classes]);
        return Logits();
    }

    /// <summary>Gradients under the parameters' names, without rounding.</summary>
    public IEnumerable<(string Name, double[] Values)> Gradients() => Tensors(UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias);

    /// <summary>Parameters and running statistics under their names, without rounding.</summary>
    public IEnumerable<(string Name, double[] Values)> State() =>
        Tensors(UnitTensor.W, UnitTensor.Scale, UnitTensor.Bias, UnitTensor.RunningMean, UnitTensor.RunningVariance);

    public void Dispose() => Network.Dispose();

    /// <summary>Opens a golden file, or skips the test.</summary>
    public static SafeTensors Open(string name) => SafeTensors.Read(SharedFolder.File($"golden/{name}.safetensors"));

    private IEnumerable<(string Name, double[] Values)> Tensors(UnitTensor w, UnitTensor scale, UnitTensor bias, params UnitTensor[] running)
    {
        foreach (var unit in Network.Units)
        {
            yield return ($"{unit.Spec.Name}.weight", Read(unit, w));
            yield return ($"{unit.Spec.NormName}.weight", Read(unit, scale));
            yield return ($"{unit.Spec.NormName}.bias", Read(unit, bias));
            if (running.Length == 0) continue;
            yield return ($"{unit.Spec.NormName}.running_mean", Read(unit, running[0]));
            yield return ($"{unit.Spec.NormName}.running_var", Read(unit, running[1]));
        }
        yield return ("fc.weight", Read(Network.Head, w));
        yield return ("fc.bias", Read(Network.Head, bias));
    }

    private static double[] Read(ConvNormUnit unit, UnitTensor tensor)
    {
        var values = new double[unit.Count(tensor, Batch)];
        unit.Download(tensor, values);
        return values;
    }

    private static double[] Read(HeadUnit head, UnitTensor tensor)
    {
        var values = new double[head.Count(tensor, Batch)];
        head.Download(tensor, values);
        return values;
    }

    private static StateDict Initial(SafeTensors file, StateDict layout)
    {
        var state = new StateDict();
        foreach (var tensor in layout.Tensors) state.Add(tensor.Name, tensor.Shape, file.Floats($"initial.{tensor.Name}"));
        return state;
    }
}
