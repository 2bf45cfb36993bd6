using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>The first values of a pass, in the order in which it computes them, that are NaN, infinite, or beyond what a float32 holds.</summary>
/// <param name="Layer">State-dict name of the layer: <c>layer2.0.conv1</c>, <c>layer2.0.bn1</c>, <c>fc</c>.</param>
/// <param name="Values">What they are: <c>the output of layer2.0.conv1</c>, <c>layer2.0.bn1.running_var</c>, <c>the gradient of fc.weight</c>.</param>
internal sealed record NonFiniteValues(string Layer, string Values);

// Where a pass first went wrong. Nothing here runs while all is well.
public sealed partial class ResNet
{
    /// <summary>A training step like <see cref="TrainStep(DeviceImages, int, int, int)"/>, the same bytes, that looks at what each layer computes and stops at the first values that are not finite.</summary>
    /// <returns>Those values, or null where all are finite.</returns>
    internal NonFiniteValues? FindNonFiniteInStep(DeviceImages images, int step, int first, int n)
    {
        var update = Trainable();
        CheckRange(images, first, n);
        augment.Forward(images.Set, first, n, Mode.Training, x, labels);
        ResetTotals();
        Forward(n, Mode.Training, labels);
        if (NonFiniteForward(n, Mode.Training) is { } forward) return forward;
        Backward(n);
        if (NonFiniteGradient(n) is { } gradient) return gradient;
        update.Update(step);
        return NonFiniteParameter();
    }

    /// <summary>The same of an evaluation of the n images that begin at first.</summary>
    internal NonFiniteValues? FindNonFiniteInEvaluation(DeviceImages images, int first, int n)
    {
        CheckRange(images, first, n);
        ResetTotals();
        for (int done = 0, some; done < n; done += some)
        {
            some = Math.Min(InferenceBatch, n - done);
            augment.Forward(images.Set, first + done, some, inferenceMode, x, labels);
            Forward(some, inferenceMode, labels);
            if (NonFiniteForward(some, inferenceMode) is { } found) return found;
        }
        return null;
    }

    // In a network that trains, each unit has an output of its own, so one look after the forward pass sees them all. Only training keeps z.
    private NonFiniteValues? NonFiniteForward(int n, Mode mode)
    {
        foreach (var unit in Units)
        {
            string conv = unit.Spec.Name, norm = unit.Spec.NormName;
            if (Broken(UnitTensor.W)) return new(conv, $"{conv}.weight");
            if (mode == Mode.Training && Broken(UnitTensor.Z)) return new(conv, $"the output of {conv}");
            if (Broken(UnitTensor.Scale)) return new(norm, $"{norm}.weight");
            if (Broken(UnitTensor.Bias)) return new(norm, $"{norm}.bias");
            if (Broken(UnitTensor.RunningMean)) return new(norm, $"{norm}.running_mean");
            if (Broken(UnitTensor.RunningVariance)) return new(norm, $"{norm}.running_var");
            if (Broken(UnitTensor.Y)) return new(norm, $"the output of {norm}");

            bool Broken(UnitTensor tensor) => HoldsNonFinite(unit, tensor, n);
        }
        if (HoldsNonFinite(head, UnitTensor.W, n)) return new(HeadSpec.Name, $"{HeadSpec.Name}.weight");
        if (HoldsNonFinite(head, UnitTensor.Bias, n)) return new(HeadSpec.Name, $"{HeadSpec.Name}.bias");
        if (HoldsNonFinite(head, UnitTensor.Y, n)) return new(HeadSpec.Name, $"the output of {HeadSpec.Name}");
        return double.IsFinite(ReadTotals().LossSum) ? null : new(HeadSpec.Name, "the loss");
    }

    private NonFiniteValues? NonFiniteGradient(int n)
    {
        if (HoldsNonFinite(head, UnitTensor.Dw, n)) return new(HeadSpec.Name, $"the gradient of {HeadSpec.Name}.weight");
        if (HoldsNonFinite(head, UnitTensor.DBias, n)) return new(HeadSpec.Name, $"the gradient of {HeadSpec.Name}.bias");
        foreach (var unit in Units.Reverse())
        {
            string conv = unit.Spec.Name, norm = unit.Spec.NormName;
            if (HoldsNonFinite(unit, UnitTensor.DScale, n)) return new(norm, $"the gradient of {norm}.weight");
            if (HoldsNonFinite(unit, UnitTensor.DBias, n)) return new(norm, $"the gradient of {norm}.bias");
            if (HoldsNonFinite(unit, UnitTensor.Dw, n)) return new(conv, $"the gradient of {conv}.weight");
        }
        return null;
    }

    private NonFiniteValues? NonFiniteParameter() => State().FirstNonFinite() is { } name ? new(name[..name.LastIndexOf('.')], name) : null;

    private static bool HoldsNonFinite(ConvNormUnit unit, UnitTensor tensor, int n) => HoldsNonFinite(unit.Count(tensor, n), values => unit.Download(tensor, values));

    private static bool HoldsNonFinite(HeadUnit unit, UnitTensor tensor, int n) => HoldsNonFinite(unit.Count(tensor, n), values => unit.Download(tensor, values));

    private static bool HoldsNonFinite(int count, Action<double[]> download)
    {
        var values = new double[count];
        download(values);
        return !Array.TrueForAll(values, value => float.IsFinite((float)value));
    }
}
