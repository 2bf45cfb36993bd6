using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>A network on a device of ours that takes SGD steps on one batch, from the same start each time.</summary>
internal sealed partial class GoldenRun : IDisposable
{
    private const double LearningRate = 0.1;

    private readonly float[] images;  // (N, 3, 32, 32)
    private readonly byte[] labels;   // (N)
    private double lossBefore;

    private GoldenRun(ArchitectureSpec architecture, float[] images, byte[] labels, Func<NetworkPlan, IDevice> open)
    {
        (this.images, this.labels) = (images, labels);
        Network = new(architecture, new() { BatchSize = labels.Length, Seed = 1 }, open);
    }

    /// <summary>A start of our own, a batch of 4.</summary>
    public static GoldenRun OfSeed(ArchitectureSpec architecture, Func<NetworkPlan, IDevice> open) =>
        new(architecture, TestData.Normal(4 * 3072, "golden images"), TestData.Bytes(4, "golden labels", 10), open);

    public ResNet Network { get; }

    private int N => labels.Length;

    /// <summary>One step; returns its loss and leaves its logits in the head.</summary>
    public double Step()
    {
        Network.TrainStep(images, labels, LearningRate);
        double sum = Network.ReadTotals().LossSum, loss = (sum - lossBefore) / N;
        lossBefore = sum;
        return loss;
    }

    /// <summary>The logits of the last step.</summary>
    public double[] Logits()
    {
        var logits = new double[N * ArchitectureSpec.Cifar10Classes];
        Network.Head.Download(UnitTensor.Y, logits);
        return logits;
    }

    /// <summary>The logits with the running statistics.</summary>
    public double[] InferenceLogits()
    {
        Network.Infer(images, new float[N * ArchitectureSpec.Cifar10Classes]);
        return Logits();
    }

    /// <summary>Gradients under the parameters' names, without rounding.</summary>
    public IEnumerable<(string Name, double[] Values)> Gradients() => Tensors(UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias);

    /// <summary>Parameters and running statistics under their names, without rounding.</summary>
    public IEnumerable<(string Name, double[] Values)> State() =>
        Tensors(UnitTensor.W, UnitTensor.Scale, UnitTensor.Bias, UnitTensor.RunningMean, UnitTensor.RunningVariance);

    public void Dispose() => Network.Dispose();

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

    private double[] Read(ConvNormUnit unit, UnitTensor tensor)
    {
        var values = new double[unit.Count(tensor, N)];
        unit.Download(tensor, values);
        return values;
    }

    private double[] Read(HeadUnit head, UnitTensor tensor)
    {
        var values = new double[head.Count(tensor, N)];
        head.Download(tensor, values);
        return values;
    }
}
