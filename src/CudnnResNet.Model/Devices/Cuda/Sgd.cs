using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The update of the cuda device, over the whole parameter arena: the last work of a training step.</summary>
internal sealed class CudaSgd : SgdUnit
{
    /// <summary>Steps of an epoch whose rates are kept at one address; more than 50,000 images in batches of one.</summary>
    private const int MaxSteps = 1 << 16;

    private readonly CudaResources gpu;
    private readonly DeviceSlice rates, ends;
    private readonly IReadOnlyList<(string Name, int Count)> parameters, statistics; // in the order of their arenas

    /// <param name="gpu">The GPU.</param>
    /// <param name="spec">The constants.</param>
    public CudaSgd(CudaResources gpu, SgdSpec spec) : base(spec)
    {
        this.gpu = gpu;
        (parameters, statistics) = (gpu.Plan.Parameters, gpu.Plan.Statistics);
        rates = gpu.Memory.Control.Reserve("learning rates", MaxSteps * sizeof(float));
        ends = gpu.Memory.Control.Reserve("ends of tensors", (long)(parameters.Count + statistics.Count) * sizeof(int));
        int[] places = [.. Ends(parameters), .. Ends(statistics)];
        gpu.Memory.WhenAllocated(() => gpu.Stream.Upload<int>(places, ends.Pointer));
    }

    public override NonFiniteUpdate? FirstNonFinite =>
        gpu.State.LastRead.FirstNonFinite is var found && found == StepState.AllFinite ? null : new((int)(found >> 32), Name((int)(uint)found));

    /// <exception cref="InvalidSettingException">The epoch has more steps than there is room for.</exception>
    public override void SetRates(ReadOnlySpan<double> rates)
    {
        if (rates.Length > MaxSteps) throw new InvalidSettingException($"an epoch of {rates.Length} steps is longer than the cuda device's {MaxSteps}; use larger batches");
        var values = new float[rates.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (float)rates[i];
        using var scope = gpu.Begin();
        gpu.Stream.Upload<float>(values, this.rates.Pointer);
    }

    public override void Update(int step)
    {
        using var scope = gpu.Begin();
        var memory = gpu.Memory;
        gpu.State.PlaceStep(step);
        gpu.Sgd.Update(
            gpu.Stream, (int)(memory.Parameters.Bytes / sizeof(float)), memory.Gradients.Pointer, rates.Pointer, ends.Pointer, parameters.Count,
            memory.Statistics.Pointer, (int)(memory.Statistics.Bytes / sizeof(float)), statistics.Count, Spec,
            memory.Momentum.Pointer, memory.Parameters.Pointer, gpu.State.Pointer);
        gpu.State.Advance();
        gpu.EndPass();
    }

    private string Name(int tensor) => (tensor < parameters.Count ? parameters[tensor] : statistics[tensor - parameters.Count]).Name;

    /// <summary>One past each tensor's last element.</summary>
    private static IEnumerable<int> Ends(IEnumerable<(string Name, int Count)> tensors)
    {
        int start = 0;
        foreach (var (_, count) in tensors)
        {
            yield return start + count;
            start += Aligned(count);
        }
    }

    // Slices of an arena begin at multiples of its alignment.
    private static int Aligned(int count) => (count * sizeof(float) + DeviceArena.Alignment - 1) / DeviceArena.Alignment * DeviceArena.Alignment / sizeof(float);
}
