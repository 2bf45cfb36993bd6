using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// Launches the kernels of <c>kernels/join.cu</c>: y = relu(a + shortcut(s)) with a = bn(z), and its gradients. All tensors are NCHW at
/// multiples of 16 bytes.
/// </summary>
internal sealed class JoinKernels : IDisposable
{
    /// <summary>Elements of y at most: the kernels count in ints.</summary>
    public const int MaxElements = 1 << 30;

    private readonly CudaModule module;
    private readonly CudaFunction relu, addRelu, reluBackward, downsampleAddRelu, downsampleBackward;

    /// <param name="context">The context, current on this thread.</param>
    public JoinKernels(CudaContext context)
    {
        (module, var kernels) = KernelPtx.Load(context, "join", "relu_forward", "add_relu_forward", "relu_backward", "downsample_add_relu_forward", "downsample_backward");
        (relu, addRelu, reluBackward, downsampleAddRelu, downsampleBackward) = (kernels[0], kernels[1], kernels[2], kernels[3], kernels[4]);
    }

    /// <summary>y = relu(a + shortcut(s)).</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images.</param>
    /// <param name="spec">The unit: shape of y, and shortcut.</param>
    /// <param name="a">(n, K, H, W).</param>
    /// <param name="s">(n) of <see cref="ConvNormSpec.S"/>; not read without a shortcut.</param>
    /// <param name="y">(n, K, H, W); may be <paramref name="a"/>.</param>
    public void Forward(CudaStream stream, int n, ConvNormSpec spec, DevicePointer a, DevicePointer s, DevicePointer y)
    {
        int count = Elements(n, spec);
        switch (spec.Shortcut)
        {
            case ShortcutKind.None:
                relu.Launch(stream, Grid(count), LaunchSize.Block, 0, a, count, y);
                break;
            case ShortcutKind.Identity:
                addRelu.Launch(stream, Grid(count), LaunchSize.Block, 0, a, s, count, y);
                break;
            default:
                int rows = n * spec.Y.C * spec.Y.H;
                downsampleAddRelu.Launch(stream, Grid(rows, spec.Y.W), LaunchSize.Block, 0, a, s, rows, spec.Y.C, spec.S.C, spec.ShortcutOffset, spec.ShortcutPhases, spec.Y.H, spec.Y.W, y);
                break;
        }
    }

    /// <summary>g = dy relu'(y), the gradient of a; with an identity as shortcut that of s too.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images.</param>
    /// <param name="spec">The unit.</param>
    /// <param name="y">(n, K, H, W), of the forward pass.</param>
    /// <param name="dy">(n, K, H, W).</param>
    /// <param name="g">(n, K, H, W); may be <paramref name="dy"/>.</param>
    public void Backward(CudaStream stream, int n, ConvNormSpec spec, DevicePointer y, DevicePointer dy, DevicePointer g)
    {
        int count = Elements(n, spec);
        reluBackward.Launch(stream, Grid(count), LaunchSize.Block, 0, y, dy, count, g);
    }

    /// <summary>The gradient of s of a shortcut that downsamples: g at the pixels that were read, 0 elsewhere.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="n">Images.</param>
    /// <param name="spec">The unit.</param>
    /// <param name="g">(n, K, H, W), of <see cref="Backward"/>.</param>
    /// <param name="ds">(n, K/2, 2H, 2W).</param>
    public void DownsampleBackward(CudaStream stream, int n, ConvNormSpec spec, DevicePointer g, DevicePointer ds)
    {
        _ = Elements(n, spec);
        int rows = n * spec.S.C * spec.S.H;
        downsampleBackward.Launch(stream, Grid(rows, spec.S.W), LaunchSize.Block, 0, g, rows, spec.Y.C, spec.S.C, spec.ShortcutOffset, spec.ShortcutPhases, spec.Y.H, spec.Y.W, ds);
    }

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();

    private static int Elements(int n, ConvNormSpec spec)
    {
        long count = (long)n * spec.Y.Size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxElements, nameof(n));
        return (int)count;
    }

    private static int Grid(int count) => LaunchSize.Blocks(LaunchSize.Threads(count));

    private static int Grid(int rows, int width) => LaunchSize.Blocks(rows * LaunchSize.Threads(width));
}
