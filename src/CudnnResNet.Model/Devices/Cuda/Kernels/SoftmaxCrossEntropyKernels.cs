using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>Launches the kernels of <c>kernels/softmax_cross_entropy.cu</c>: loss and hits of a batch, and the gradient of its logits.</summary>
internal sealed class SoftmaxCrossEntropyKernels : IDisposable
{
    private const int Block = 128;

    private readonly CudaModule module;
    private readonly CudaFunction forward, backward;

    /// <param name="context">The context, current on this thread.</param>
    public SoftmaxCrossEntropyKernels(CudaContext context)
    {
        (module, var kernels) = KernelPtx.Load(context, "softmax_cross_entropy", "softmax_cross_entropy_forward", "softmax_cross_entropy_backward");
        (forward, backward) = (kernels[0], kernels[1]);
    }

    /// <summary>Adds a batch to the images, losses and hits of the state.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images.</param>
    /// <param name="classes">Classes K.</param>
    /// <param name="logits">(n, K).</param>
    /// <param name="labels">(n) bytes.</param>
    /// <param name="state">The <see cref="StepState"/>.</param>
    public void Forward(CudaStream stream, int n, int classes, DevicePointer logits, DevicePointer labels, DevicePointer state) =>
        forward.Launch(stream, 1, Block, 0, logits, labels, n, classes, state); // one block, which adds image after image

    /// <summary>The gradient of the mean loss.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images.</param>
    /// <param name="classes">Classes K.</param>
    /// <param name="logits">(n, K).</param>
    /// <param name="labels">(n) bytes.</param>
    /// <param name="dlogits">(n, K).</param>
    public void Backward(CudaStream stream, int n, int classes, DevicePointer logits, DevicePointer labels, DevicePointer dlogits) =>
        backward.Launch(stream, LaunchSize.Blocks(n, Block), Block, 0, logits, labels, n, classes, dlogits);

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();
}
