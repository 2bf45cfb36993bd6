using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The update of the cuda device, over the whole parameter arena: the last work of a training step.</summary>
internal sealed class CudaSgd : SgdUnit
{
    /// <summary>Steps of an epoch whose rates are kept at one address; more than 50,000 images in batches of one.</summary>
    private const int MaxSteps = 1 << 16;

    private readonly CudaResources gpu;
    private readonly DeviceSlice rates, ends;
    private readonly IReadOnlyList<(string Name, int Count)> parameters;

    /// <param name="gpu">The GPU.</param>
    /// <param name="spec">The constants.</param>
    /// <param name="parameters">Names and elements of the parameters in the order of their arena.</param>
    public CudaSgd(CudaResources gpu, SgdSpec spec, IReadOnlyList<(string Name, int Count)> parameters) : base(spec)
    {
        this.gpu = gpu;
        this.parameters = parameters;
        rates = gpu.Memory.Control.Reserve("learning rates", MaxSteps * sizeof(float));
        ends = gpu.Memory.Control.Reserve("ends of parameters", (long)parameters.Count * sizeof(int));
        int[] places = new int[parameters.Count];
        for (int i = 0, start = 0; i < places.Length; i++)
        {
            places[i] = start + parameters[i].Count;
            start += Aligned(parameters[i].Count);
        }
        gpu.Memory.WhenAllocated(() => gpu.Stream.Upload<int>(places, ends.Pointer));
    }

    public override NonFiniteUpdate? FirstNonFinite =>
        gpu.State.LastRead.FirstNonFinite is var found && found == StepState.AllFinite ? null : new((int)(found >> 32), parameters[(int)(uint)found].Name);

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
            gpu.Stream, (int)(memory.Parameters.Bytes / sizeof(float)), memory.Gradients.Pointer, rates.Pointer, ends.Pointer, parameters.Count, Spec,
            memory.Momentum.Pointer, memory.Parameters.Pointer, gpu.State.Pointer);
        gpu.State.Advance();
        gpu.EndPass();
    }

    // Slices of an arena begin at multiples of its alignment.
    private static int Aligned(int count) => (count * sizeof(float) + DeviceArena.Alignment - 1) / DeviceArena.Alignment * DeviceArena.Alignment / sizeof(float);
}
