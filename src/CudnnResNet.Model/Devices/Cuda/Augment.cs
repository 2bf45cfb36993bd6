using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>Images, labels and the epoch's order in the GPU's memory, at addresses that stay as they are.</summary>
internal sealed class CudaImageSet : ImageSet
{
    private readonly CudaResources gpu;
    private readonly DeviceBuffer? pixels, labels, order;

    /// <exception cref="DeviceMemoryException">The GPU has not enough memory.</exception>
    public CudaImageSet(CudaResources gpu, ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) : base(labels.Length)
    {
        this.gpu = gpu;
        if (Count == 0) return; // There are no allocations of 0 bytes.
        gpu.Lend(this);
        using var scope = gpu.Begin();
        try
        {
            this.pixels = gpu.Memory.Buffer($"a data set of {Count} images", pixels.Length);
            this.labels = gpu.Memory.Buffer("its labels", Count);
            order = gpu.Memory.Buffer("its order", (long)Count * sizeof(int));
            gpu.Stream.Upload(pixels, this.pixels.Pointer);
            gpu.Stream.Upload(labels, this.labels.Pointer);
            Upload([.. Enumerable.Range(0, Count)]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The epoch, part of the random numbers' counter.</summary>
    public int Epoch { get; private set; }

    /// <summary>Where it lies.</summary>
    public ImageMemory Memory => new(pixels!.Pointer, labels!.Pointer, order!.Pointer);

    public override void SetOrder(int epoch, ReadOnlySpan<int> order)
    {
        Epoch = epoch;
        using var scope = gpu.Begin();
        Upload(order);
    }

    public override void Dispose()
    {
        gpu.Drain();
        gpu.Passes.Forget(this);
        pixels?.Dispose();
        labels?.Dispose();
        order?.Dispose();
        gpu.Returned(this);
    }

    private void Upload(ReadOnlySpan<int> order) => gpu.Stream.Upload(order, this.order!.Pointer);
}

/// <summary>The augmentation unit of the cuda device. Which images it takes is read from the <see cref="StepState"/>.</summary>
internal sealed class CudaAugment : AugmentUnit
{
    private readonly CudaResources gpu;
    private readonly DeviceSlice table;
    private readonly DeviceSlice? mean;

    public CudaAugment(CudaResources gpu, AugmentSpec spec) : base(spec)
    {
        this.gpu = gpu;
        float[] values = spec.Normalization.Table();
        table = gpu.Memory.Control.Reserve("normalization", (long)values.Length * sizeof(float));
        gpu.Memory.WhenAllocated(() => gpu.Stream.Upload<float>(values, table.Pointer));
        if (spec.Normalization.PixelMean is not { } image) return;
        mean = gpu.Memory.Control.Reserve("mean image", (long)image.Length * sizeof(float));
        gpu.Memory.WhenAllocated(() => gpu.Stream.Upload<float>(image, mean.Pointer));
    }

    public override void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels)
    {
        var set = (CudaImageSet)images;
        using var scope = gpu.Begin();
        var (xs, ls) = (((CudaActivation)x).Pointer, ((CudaLabels)labels).Pointer);
        var normalization = new NormalizationMemory(table.Pointer, mean?.Pointer ?? DevicePointer.Null);
        gpu.State.Batch = n;
        gpu.State.Place(first, mode == Mode.Training ? set.Epoch : null);
        if (mode == Mode.Training) gpu.Augment.Training(gpu.Stream, n, set.Memory, normalization, gpu.State.Pointer, Spec, xs, ls);
        else gpu.Augment.Inference(gpu.Stream, n, set.Memory, normalization, gpu.State.Pointer, xs, ls);
        gpu.EndPass();
    }
}
