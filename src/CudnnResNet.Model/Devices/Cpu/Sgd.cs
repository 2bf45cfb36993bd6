using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The update of the cpu device: v = fma(m, v, fma(wd, w, g)), w = fma(-lr, v, w), over the whole arena.</summary>
internal sealed unsafe class CpuSgd<TLanes> : SgdUnit where TLanes : struct, ILanes<TLanes>
{
    private readonly CpuContext context;
    private readonly Action<int, int> updatePart;
    private double[] rates = [];
    private float rate;
    private volatile bool metNonFinite; // in this update
    private NonFiniteUpdate? firstNonFinite;

    public CpuSgd(CpuContext context, SgdSpec spec) : base(spec)
    {
        this.context = context;
        updatePart = UpdatePart;
    }

    public override NonFiniteUpdate? FirstNonFinite => firstNonFinite;

    public override void SetRates(ReadOnlySpan<double> rates)
    {
        if (this.rates.Length != rates.Length) this.rates = new double[rates.Length];
        rates.CopyTo(this.rates);
    }

    public override void Update(int step)
    {
        rate = (float)rates[step];
        metNonFinite = false;
        context.Pool.Run(CpuContext.Parts, updatePart);
        context.Version++;
        if (Spec.Checks && firstNonFinite is null && (metNonFinite || !TensorPrimitives.IsFiniteAll(context.AllStatistics))) firstNonFinite = new(step, context.NonFiniteTensor()!);
    }

    private void UpdatePart(int part, int thread)
    {
        var (first, end) = CpuContext.Part(part, context.ParameterCount);
        CpuParameters all = context.All;
        if (!Spec.Checks) Update<Unchecked>(end - first, all.Gradient + first, (float)Spec.Momentum, (float)Spec.WeightDecay, rate, all.Velocity + first, all.Values + first);
        else if (!Update<Checked>(end - first, all.Gradient + first, (float)Spec.Momentum, (float)Spec.WeightDecay, rate, all.Velocity + first, all.Values + first)) metNonFinite = true;
    }

    /// <summary>Updates count parameters; false where one has become NaN or infinite, which only <see cref="Checked"/> sees.</summary>
    [MethodImpl(Jit.Kernel)]
    private static bool Update<TCheck>(int count, float* g, float momentum, float decay, float rate, float* v, float* w) where TCheck : ICheck
    {
        TLanes m = TLanes.Broadcast(momentum), wd = TLanes.Broadcast(decay), step = TLanes.Broadcast(-rate);
        TLanes check = TLanes.Zero;
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes weight = TLanes.Load(w + i);
            TLanes velocity = TLanes.MultiplyAdd(m, TLanes.Load(v + i), TLanes.MultiplyAdd(wd, weight, TLanes.Load(g + i)));
            weight = TLanes.MultiplyAdd(step, velocity, weight);
            TLanes.Store(velocity, v + i);
            TLanes.Store(weight, w + i);
            // 0 · x is 0 for every number and NaN for NaN and the infinities.
            if (TCheck.IsOn) check = TLanes.MultiplyAdd(weight, TLanes.Zero, check);
        }
        float* lanes = stackalloc float[Blocked.Lanes];
        TLanes.Store(check, lanes);
        for (int lane = 0; lane < TLanes.Count; lane++)
            if (float.IsNaN(lanes[lane])) return false;
        return true;
    }
}

/// <summary>Whether an update looks at what it writes: two types, so that two loops are compiled and neither asks.</summary>
internal interface ICheck
{
    /// <summary>Whether it does.</summary>
    static abstract bool IsOn { get; }
}

/// <summary>It does.</summary>
internal readonly struct Checked : ICheck
{
    /// <inheritdoc/>
    public static bool IsOn => true;
}

/// <summary>It does not.</summary>
internal readonly struct Unchecked : ICheck
{
    /// <inheritdoc/>
    public static bool IsOn => false;
}
