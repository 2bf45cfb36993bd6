using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The update of the cuda device, over the whole parameter arena: the last work of a training step.</summary>
internal sealed class CudaSgd : SgdUnit
{
    /// <summary>Steps of an epoch whose rates are kept at one address; more than 50,000 images in batches of one.</summary>
    private const int MaxSteps = 1 << 16;

    private readonly CudaResources gpu;
    private readonly DeviceSlice rates, ends;
    private readonly int tensors;

    /// <param name="gpu">The GPU.</param>
    /// <param name="spec">The constants.</param>
    /// <param name="sizes">Elements of the parameters in the order of their arena.</param>
    public CudaSgd(CudaResources gpu, SgdSpec spec, IReadOnlyList<int> sizes) : base(spec)
    {
        this.gpu = gpu;
        tensors = sizes.Count;
        rates = gpu.Memory.Control.Reserve("learning rates", MaxSteps * sizeof(float));
        ends = gpu.Memory.Control.Reserve("ends of parameters", (long)tensors * sizeof(int));
        int[] places = new int[tensors];
        for (int i = 0, start = 0; i < tensors; i++)
        {
            places[i] = start + sizes[i];
            start += Aligned(sizes[i]);
        }
        gpu.Memory.WhenAllocated(() => gpu.Stream.Upload<int>(places, ends.Pointer));
    }

    /// <summary>As of the last <see cref="HeadUnit.ReadTotals"/>: the device is not waited for.</summary>
    public override bool FoundNonFinite => gpu.State.LastRead.FirstNonFinite != StepState.AllFinite;

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
            gpu.Stream, (int)(memory.Parameters.Bytes / sizeof(float)), memory.Gradients.Pointer, rates.Pointer, ends.Pointer, tensors, Spec,
            memory.Momentum.Pointer, memory.Parameters.Pointer, gpu.State.Pointer);
        gpu.State.Advance();
        gpu.EndPass();
    }

    // Slices of an arena begin at multiples of its alignment.
    private static int Aligned(int count) => (count * sizeof(float) + DeviceArena.Alignment - 1) / DeviceArena.Alignment * DeviceArena.Alignment / sizeof(float);
}
