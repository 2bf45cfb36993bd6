using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>
/// A device that runs behind the host, as a GPU does: totals that were asked for are there some passes later, or when they are waited for,
/// and an update that is not finite is told with them, by step and tensor. What it computes is the inner device's.
/// </summary>
/// <param name="inner">A device that is never behind.</param>
/// <param name="lateness">Passes that it is behind where nobody waits.</param>
internal sealed class LateDevice(IDevice inner, int lateness) : DelegatingDevice(inner)
{
    private int given, waitedFor;

    /// <summary>Passes of any kind that the host has given.</summary>
    public int Given => given;

    /// <summary>Passes that the host was ahead, at most.</summary>
    public int MostAhead { get; private set; }

    /// <summary>Times that the host had to wait for an answer.</summary>
    public int Waits { get; private set; }

    /// <summary>Requests that were open at a time, at most.</summary>
    public int MostOpen { get; private set; }

    private int Done => Math.Max(waitedFor, given - lateness);

    private int Open
    {
        get;
        set => MostOpen = Math.Max(MostOpen, field = value);
    }

    /// <summary>What the trainer makes networks with.</summary>
    /// <param name="lateness">See the constructor.</param>
    /// <param name="made">Is told of each device.</param>
    public static Func<ArchitectureSpec, NetworkOptions, ResNet> Networks(int lateness, Action<LateDevice>? made = null) => (architecture, options) =>
        new(architecture, options, plan =>
        {
            var device = new LateDevice(DeviceFactory.Open(options.Device, plan), lateness);
            made?.Invoke(device);
            return device;
        });

    public override void Run(Pass pass, Action<Pass> body)
    {
        Inner.Run(pass, body);
        given++;
        MostAhead = Math.Max(MostAhead, given - Done);
    }

    public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

    public override HeadUnit CreateHead(HeadSpec spec) => new LateHead(Inner.CreateHead(spec), this);

    public override SgdUnit CreateSgd(SgdSpec spec) => Sgd = new(Inner.CreateSgd(spec));

    private LateSgd? Sgd { get; set; }

    private sealed class LateHead(HeadUnit inner, LateDevice device) : DelegatingHead(inner)
    {
        public override void Forward(int n, Activation x, Labels? labels, Mode mode) => Inner.Forward(n, x, labels, mode);

        public override void Backward(int n, Gradient dx) => Inner.Backward(n, dx);

        public override Totals ReadTotals()
        {
            device.waitedFor = device.given;
            device.Sgd?.Tell(device.Sgd.Met);
            return Inner.ReadTotals();
        }

        public override PendingTotals RequestTotals()
        {
            device.Open++;
            return new Late(device, device.given, Inner.ReadTotals(), device.Sgd?.Met);
        }
    }

    private sealed class Late(LateDevice device, int at, Totals totals, NonFiniteUpdate? met) : PendingTotals
    {
        public override bool AreThere => device.Done >= at;

        public override Totals Read()
        {
            if (!AreThere)
            {
                device.Waits++;
                device.waitedFor = at;
            }
            device.Open--;
            device.Sgd?.Tell(met);
            return totals;
        }
    }

    private sealed class LateSgd(SgdUnit inner) : SgdUnit(inner.Spec)
    {
        private NonFiniteUpdate? told;

        /// <summary>What the device knows, before the host does.</summary>
        public NonFiniteUpdate? Met { get; private set; }

        public override NonFiniteUpdate? FirstNonFinite => told;

        public void Tell(NonFiniteUpdate? met) => told = met;

        public override void SetRates(ReadOnlySpan<double> rates) => inner.SetRates(rates);

        public override void Update(int step)
        {
            inner.Update(step);
            Met ??= inner.FirstNonFinite;
        }
    }
}
