using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>A data set in the GPU's memory.</summary>
/// <param name="Pixels">(set, 3, 32, 32) bytes.</param>
/// <param name="Labels">(set) bytes.</param>
/// <param name="Order">(set) ints: the epoch's positions. Only training reads it.</param>
internal readonly record struct ImageMemory(DevicePointer Pixels, DevicePointer Labels, DevicePointer Order);

/// <summary>A normalisation in the GPU's memory.</summary>
/// <param name="Table"><see cref="Normalization.Table"/>, (3, 256).</param>
/// <param name="Mean"><see cref="Normalization.PixelMean"/>, (3, 32, 32), or null.</param>
internal readonly record struct NormalizationMemory(DevicePointer Table, DevicePointer Mean);

/// <summary>Launches the kernels of <c>kernels/augment.cu</c>: n images of a resident set, from the place that <see cref="StepState"/> names.</summary>
internal sealed class AugmentKernels : IDisposable
{
    private readonly CudaModule module;
    private readonly CudaFunction training, inference;

    /// <param name="context">The context, current on this thread.</param>
    public AugmentKernels(CudaContext context)
    {
        (module, var kernels) = KernelPtx.Load(context, "augment", "augment_training_forward", "augment_inference_forward");
        (training, inference) = (kernels[0], kernels[1]);
    }

    /// <summary>Crops, mirrors and normalises the images at n positions of the epoch's order.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images, 1..65535.</param>
    /// <param name="images">The set.</param>
    /// <param name="normalization">That of <paramref name="spec"/>.</param>
    /// <param name="state">The <see cref="StepState"/>, whose position and epoch are read.</param>
    /// <param name="spec">How images are cropped and mirrored.</param>
    /// <param name="x">(n, 3, 32, 32), at a multiple of 16 bytes.</param>
    /// <param name="labels">(n) bytes.</param>
    public void Training(CudaStream stream, int n, ImageMemory images, NormalizationMemory normalization, DevicePointer state, AugmentSpec spec, DevicePointer x, DevicePointer labels) =>
        training.Launch(stream, Grid(n), LaunchSize.Block, 0,
            images.Pixels, images.Labels, images.Order, normalization.Table, normalization.Mean, state, spec.Seed, (int)spec.Crop, spec.Flip ? 1 : 0, x, labels);

    /// <summary>Normalises n images as they are, in the set's own order.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images, 1..65535.</param>
    /// <param name="images">The set.</param>
    /// <param name="normalization">The normalisation.</param>
    /// <param name="state">The <see cref="StepState"/>, whose position is read.</param>
    /// <param name="x">(n, 3, 32, 32), at a multiple of 16 bytes.</param>
    /// <param name="labels">(n) bytes.</param>
    public void Inference(CudaStream stream, int n, ImageMemory images, NormalizationMemory normalization, DevicePointer state, DevicePointer x, DevicePointer labels) =>
        inference.Launch(stream, Grid(n), LaunchSize.Block, 0, images.Pixels, images.Labels, normalization.Table, normalization.Mean, state, x, labels);

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();

    // A block for each channel of each image: 256 threads of four pixels.
    private static Dim3 Grid(int n) => new(3, n);
}
