using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A device in which a test spoils a value at a certain place of a certain step.</summary>
/// <param name="inner">What computes.</param>
/// <param name="plant">What is done.</param>
internal sealed class PlantedDevice(IDevice inner, Plant plant) : DelegatingDevice(inner)
{
    private readonly Dictionary<string, ConvNormUnit> units = [];

    /// <summary>The step that is going on, within the epoch, 0-based.</summary>
    public int Step { get; private set; }

    /// <summary>What the trainer makes networks with.</summary>
    public static Func<ArchitectureSpec, NetworkOptions, ResNet> Networks(Plant plant) => (architecture, options) =>
        new(architecture, options, plan => new PlantedDevice(DeviceFactory.Open(options.Device, plan), plant));

    /// <summary>The inner device's unit.</summary>
    public ConvNormUnit Unit(string name) => units[name];

    /// <summary>Sets one element of a unit's parameter, statistic or velocity.</summary>
    public void Spoil(string unit, UnitTensor tensor, Func<double, double> change)
    {
        var values = new double[Unit(unit).Count(tensor, 0)];
        Unit(unit).Download(tensor, values);
        for (int i = 0; i < values.Length; i++) values[i] = change(values[i]);
        Unit(unit).Upload(tensor, values);
    }

    /// <summary>Makes a whole gradient NaN.</summary>
    public void Spoil(int n, Gradient gradient) => Inner.Upload(n, [.. Enumerable.Repeat(double.NaN, n * gradient.Shape.Size)], gradient);

    public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => new ConvNorm(units[spec.Name] = Inner.CreateConvNorm(spec), this, plant);

    public override HeadUnit CreateHead(HeadSpec spec) => new Head(Inner.CreateHead(spec), this, plant);

    public override SgdUnit CreateSgd(SgdSpec spec) => new Sgd(Inner.CreateSgd(spec), this, plant);

    private sealed class ConvNorm(ConvNormUnit inner, PlantedDevice device, Plant plant) : DelegatingConvNorm(inner)
    {
        public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y) => Inner.Forward(n, x, s, mode, y);

        public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
        {
            plant.BeforeBackward(device, Spec.Name, n, dy);
            Inner.Backward(n, dy, addend, dx, ds);
        }
    }

    private sealed class Head(HeadUnit inner, PlantedDevice device, Plant plant) : DelegatingHead(inner)
    {
        public override void Forward(int n, Activation x, Labels? labels, Mode mode)
        {
            Inner.Forward(n, x, labels, mode);
            if (mode == Mode.Training) plant.AfterForward(device, Inner);
        }

        public override void Backward(int n, Gradient dx) => Inner.Backward(n, dx);
    }

    private sealed class Sgd(SgdUnit inner, PlantedDevice device, Plant plant) : SgdUnit(inner.Spec)
    {
        public override NonFiniteUpdate? FirstNonFinite => inner.FirstNonFinite;

        public override void SetRates(ReadOnlySpan<double> rates)
        {
            inner.SetRates(rates);
            device.Step = 0;
        }

        public override void Update(int step)
        {
            inner.Update(step);
            plant.AfterUpdate(device);
            device.Step = step + 1;
        }
    }
}

/// <summary>What a test does at which place; by default nothing.</summary>
internal sealed record Plant
{
    public Action<PlantedDevice, HeadUnit> AfterForward { get; init; } = (_, _) => { };

    /// <summary>Is told the unit's name, the images and the gradient of its output.</summary>
    public Action<PlantedDevice, string, int, Gradient> BeforeBackward { get; init; } = (_, _, _, _) => { };

    public Action<PlantedDevice> AfterUpdate { get; init; } = _ => { };
}
