using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>cuDNN's descriptors of a network, each made once and shared by all units: few shapes serve 110 layers.</summary>
internal sealed class CudaDescriptors : IDisposable
{
    private readonly Dictionary<(int N, Shape Shape), TensorDescriptor> tensors = [];
    private readonly Dictionary<(int K, int C), FilterDescriptor> filters = [];
    private readonly Dictionary<int, TensorDescriptor> channels = [];
    private readonly Dictionary<(int Stride, ConvolutionMath Math), ConvolutionDescriptor> convolutions = [];
    private readonly Dictionary<Shape, AveragePoolingDescriptor> poolings = [];

    /// <summary>n images of a shape.</summary>
    public TensorDescriptor Tensor(int n, Shape shape)
    {
        if (!tensors.TryGetValue((n, shape), out var made)) tensors[(n, shape)] = made = new(n, shape.C, shape.H, shape.W);
        return made;
    }

    /// <summary>w (K, C, 3, 3) of a unit.</summary>
    public FilterDescriptor Filter(ConvNormSpec spec)
    {
        if (!filters.TryGetValue((spec.Y.C, spec.X.C), out var made)) filters[(spec.Y.C, spec.X.C)] = made = new(spec.Y.C, spec.X.C, 3, 3);
        return made;
    }

    /// <summary>Scale, bias, mean and variance (1, K, 1, 1) of the batch norm of z.</summary>
    public TensorDescriptor Channels(TensorDescriptor z)
    {
        if (!channels.TryGetValue(z.C, out var made)) channels[z.C] = made = TensorDescriptor.ForBatchNorm(z);
        return made;
    }

    /// <summary>The 3x3 convolution with padding 1.</summary>
    public ConvolutionDescriptor Convolution(int stride, ConvolutionMath math)
    {
        if (!convolutions.TryGetValue((stride, math), out var made)) convolutions[(stride, math)] = made = new(padding: 1, stride, math);
        return made;
    }

    /// <summary>The average of a whole channel.</summary>
    public AveragePoolingDescriptor GlobalAverage(Shape shape)
    {
        if (!poolings.TryGetValue(shape, out var made)) poolings[shape] = made = new(shape.H, shape.W);
        return made;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var made in tensors.Values.Concat<IDisposable>(filters.Values).Concat(channels.Values).Concat(convolutions.Values).Concat(poolings.Values)) made.Dispose();
    }
}
