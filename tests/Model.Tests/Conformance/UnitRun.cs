using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>What comparisons need to know of a unit's pass on Reference besides what can be downloaded.</summary>
internal sealed class UnitFacts
{
    public required ConvNormSpec Spec { get; init; }
    public required double[] W { get; init; }
    public required double[] Scale { get; init; }
    public required double[] X { get; init; }
    public required double[] Y { get; init; }
    public double[] Dy { get; set; } = [];
}

/// <summary>Runs a case's units on one device, in training mode forward and backward and then in both modes of inference, and keeps every tensor.</summary>
internal sealed class UnitRun
{
    private static readonly UnitTensor[] AfterForward = [UnitTensor.Z, UnitTensor.Y, UnitTensor.BatchMean, UnitTensor.BatchInverseStd, UnitTensor.RunningMean, UnitTensor.RunningVariance];
    private static readonly UnitTensor[] AfterInference = [UnitTensor.Y, UnitTensor.RunningMean, UnitTensor.RunningVariance];
    private static readonly UnitTensor[] AfterBackward = [UnitTensor.Dz, UnitTensor.Dx, UnitTensor.Ds, UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias];

    private readonly ConvNormCase what;
    private readonly IDevice device;
    private readonly ConvNormUnit[] units;
    private readonly Activation[] activations;
    private readonly UnitRun? aligned;

    /// <param name="what">The case.</param>
    /// <param name="open">Opens the device.</param>
    /// <param name="aligned">For Reference: the run whose side it takes at ReLU's kinks.</param>
    public UnitRun(ConvNormCase what, Func<NetworkPlan, IDevice> open, UnitRun? aligned = null)
    {
        this.what = what;
        this.aligned = aligned;
        // Two images more than the case uses, so that nothing can depend on the batch being full.
        device = open(new([.. what.Links.Select(link => link.Spec)], null, what.N + 2, Training: true));
        using (device)
        {
            units = Array.ConvertAll(what.Links, link => device.CreateConvNorm(link.Spec));
            activations =
            [
                .. what.Inputs.Select(shape => shape.C == 3 ? device.CreateInput(shape) : device.CreateOutput(new("producer", "bn", shape, shape, 1))),
                .. what.Links.Select(link => device.CreateOutput(link.Spec)),
            ];
            // A first pass over other numbers and a full batch: nothing of it may be left in what follows.
            if (device is not ReferenceDevice) Pass(what.N + 2, "before");
            Recorded.Clear();
            Pass(what.N, what.Name);
        }
    }

    /// <summary>Every tensor the device stores, by unit, tensor and phase.</summary>
    public Dictionary<(string Unit, UnitTensor Tensor, Mode Mode), double[]> Recorded { get; } = [];

    /// <summary>On Reference: what was read and written, by unit.</summary>
    public Dictionary<string, UnitFacts> Facts { get; } = [];

    private void Pass(int n, string stream)
    {
        bool plain = stream == "before"; // no edge values
        for (int i = 0; i < what.Inputs.Length; i++) device.Upload(n, CaseData.Input(what, i, n, stream, plain), activations[i]);
        foreach (var unit in units) CaseData.UploadParameters(what, unit, stream, plain);
        Forward(n, Mode.Training);
        Backward(n, stream);
        Forward(n, Mode.BatchInference);
        Forward(n, Mode.Inference);
    }

    private void Forward(int n, Mode mode)
    {
        for (int i = 0; i < units.Length; i++)
        {
            var link = what.Links[i];
            var y = activations[what.Output(i)];
            units[i].Forward(n, activations[link.X], link.S is int s ? activations[s] : null, mode, y);
            Record(units[i], n, mode, mode == Mode.Training ? AfterForward : AfterInference);
            if (device is ReferenceDevice && mode == Mode.Training) Note(units[i], n, (ReferenceActivation)activations[link.X], (ReferenceActivation)y);
        }
    }

    private void Note(ConvNormUnit unit, int n, ReferenceActivation x, ReferenceActivation y)
    {
        if (aligned is not null)
        {
            var key = (unit.Spec.Name, UnitTensor.Y, Mode.Training);
            Recorded[key] = ReluKinks.Align((ReferenceConvNorm)unit, aligned.Recorded[key], y.Values).Expected;
        }
        Facts[unit.Spec.Name] = new()
        {
            Spec = unit.Spec,
            W = Recorded[(unit.Spec.Name, UnitTensor.W, Mode.Training)],
            Scale = Recorded[(unit.Spec.Name, UnitTensor.Scale, Mode.Training)],
            X = x.Values[..(n * x.Shape.Size)],
            Y = y.Values[..(n * y.Shape.Size)],
        };
    }

    /// <summary>The loop of ResNet.Backward, for any wiring: ds of a block's second unit is the addend of its first.</summary>
    private void Backward(int n, string stream)
    {
        var last = device.CreateGradient(what.Links[^1].Spec.Y);
        device.Upload(n, TestData.Wide(TestData.Normal(n * last.Shape.Size, $"{stream} dy")), last);
        Gradient dy = last;
        var shortcuts = new Dictionary<int, Gradient>();
        for (int i = units.Length - 1; i >= 0; i--)
        {
            var link = what.Links[i];
            var ds = link.S is null ? null : device.CreateShortcutGradient(link.Spec);
            if (link.S is int s) shortcuts[s] = ds!;
            var addend = link.S is null ? shortcuts.GetValueOrDefault(link.X) : null;
            var dx = link.Spec.NeedsDx ? device.CreateGradient(link.Spec.X) : null;
            if (Facts.TryGetValue(link.Spec.Name, out var facts)) facts.Dy = ((ReferenceGradient)dy).Values[..(n * dy.Shape.Size)];
            units[i].Backward(n, dy, link.Spec.NeedsDx ? addend : null, dx, ds);
            Record(units[i], n, Mode.Training, AfterBackward);
            dy = dx!;
        }
    }

    private void Record(ConvNormUnit unit, int n, Mode mode, UnitTensor[] tensors)
    {
        foreach (var tensor in tensors.Concat([UnitTensor.W, UnitTensor.Scale]))
        {
            if (!unit.Stores(tensor) || (tensor == UnitTensor.Dx && !unit.Spec.NeedsDx) || (tensor == UnitTensor.Ds && unit.Spec.Shortcut == ShortcutKind.None)) continue;
            var values = new double[unit.Count(tensor, n)];
            unit.Download(tensor, values);
            Recorded[(unit.Spec.Name, tensor, mode)] = values;
        }
    }
}
