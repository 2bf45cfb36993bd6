using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.Native.Safe;

/// <summary>The shape, type and layout of a tensor (N, C, H, W) without gaps.</summary>
public sealed class TensorDescriptor : CudaObject
{
    /// <summary>Describes a tensor.</summary>
    /// <exception cref="CudnnException">cuDNN has no such tensors.</exception>
    public TensorDescriptor(int n, int c, int h, int w, DataType type = DataType.Float32, TensorFormat format = TensorFormat.Nchw)
        : this((n, c, h, w), type, format, made => Check(cudnnSetTensor4dDescriptor(made.Value, (cudnnTensorFormat_t)format, (cudnnDataType_t)type, n, c, h, w), $"{made}")) { }

    private TensorDescriptor((int N, int C, int H, int W) shape, DataType type, TensorFormat format, Action<TensorDescriptor> describe)
    {
        (N, C, H, W) = shape;
        (Type, Format) = (type, format);
        Check(cudnnCreateTensorDescriptor(out nint made), $"");
        Own(made, owner: null, () => describe(this));
    }

    /// <summary>Images.</summary>
    public int N { get; }

    /// <summary>Channels.</summary>
    public int C { get; }

    /// <summary>Rows.</summary>
    public int H { get; }

    /// <summary>Columns.</summary>
    public int W { get; }

    /// <summary>The type of its elements.</summary>
    public DataType Type { get; }

    /// <summary>The order of its dimensions in memory.</summary>
    public TensorFormat Format { get; }

    /// <summary>The shape (1, C, 1, 1) and the type of the scale, bias, mean and variance of x's batch norm over N, H and W.</summary>
    public static TensorDescriptor ForBatchNorm(TensorDescriptor x) => new(
        (1, x.C, 1, 1), DataType.Float32, TensorFormat.Nchw,
        derived => Check(cudnnDeriveBNTensorDescriptor(derived.Value, x.Value, cudnnBatchNormMode_t.CUDNN_BATCHNORM_SPATIAL), $"x {x}"));

    /// <summary>One line.</summary>
    public override string ToString() => $"({N}, {C}, {H}, {W}) {Type} {Format}";

    private protected override bool Destroy() => cudnnDestroyTensorDescriptor(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}

/// <summary>The shape, type and layout of a convolution's weights (K outputs, C inputs, R rows, S columns).</summary>
public sealed class FilterDescriptor : CudaObject
{
    /// <summary>Describes weights.</summary>
    /// <exception cref="CudnnException">cuDNN has no such weights.</exception>
    public FilterDescriptor(int k, int c, int r, int s, DataType type = DataType.Float32, TensorFormat format = TensorFormat.Nchw)
    {
        (K, C, R, S) = (k, c, r, s);
        (Type, Format) = (type, format);
        Check(cudnnCreateFilterDescriptor(out nint made), $"");
        Own(made, owner: null, () => Check(cudnnSetFilter4dDescriptor(Value, (cudnnDataType_t)type, (cudnnTensorFormat_t)format, k, c, r, s), $"{this}"));
    }

    /// <summary>Output channels.</summary>
    public int K { get; }

    /// <summary>Input channels.</summary>
    public int C { get; }

    /// <summary>Rows.</summary>
    public int R { get; }

    /// <summary>Columns.</summary>
    public int S { get; }

    /// <summary>The type of its elements.</summary>
    public DataType Type { get; }

    /// <summary>The order of its dimensions in memory.</summary>
    public TensorFormat Format { get; }

    /// <summary>One line.</summary>
    public override string ToString() => $"({K}, {C}, {R}, {S}) {Type} {Format}";

    private protected override bool Destroy() => cudnnDestroyFilterDescriptor(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}

/// <summary>
/// A convolution as networks mean it (cross-correlation: the filter is not flipped), the same padding and stride in both directions,
/// sums in 32-bit floats.
/// </summary>
public sealed class ConvolutionDescriptor : CudaObject
{
    private ConvolutionMath math;

    /// <summary>Describes a convolution.</summary>
    /// <param name="padding">Zeros around the image, 0 or more.</param>
    /// <param name="stride">1 or more.</param>
    /// <param name="math">What it may compute with; <see cref="ConvolutionMath.Fma"/> keeps full 32-bit floats.</param>
    public ConvolutionDescriptor(int padding, int stride, ConvolutionMath math)
    {
        (Padding, Stride, this.math) = (padding, stride, math);
        Check(cudnnCreateConvolutionDescriptor(out nint made), $"");
        Own(made, owner: null, () =>
        {
            Check(
                cudnnSetConvolution2dDescriptor(Value, padding, padding, stride, stride, 1, 1, cudnnConvolutionMode_t.CUDNN_CROSS_CORRELATION, cudnnDataType_t.CUDNN_DATA_FLOAT),
                $"{this}");
            Math = math;
        });
    }

    /// <summary>Zeros around the image.</summary>
    public int Padding { get; }

    /// <summary>Pixels from one output to the next.</summary>
    public int Stride { get; }

    /// <summary>What it may compute with. To be set before algorithms are asked for, and again to what the chosen one says.</summary>
    public ConvolutionMath Math
    {
        get => math;
        set
        {
            Check(cudnnSetConvolutionMathType(Value, (cudnnMathType_t)value), $"{this}, math {value}");
            math = value;
        }
    }

    /// <summary>The shape of conv(x, w).</summary>
    public (int N, int C, int H, int W) OutputShape(TensorDescriptor x, FilterDescriptor w)
    {
        Check(cudnnGetConvolution2dForwardOutputDim(Value, x.Value, w.Value, out int n, out int c, out int height, out int width), $"x {x}, w {w}, {this}");
        return (n, c, height, width);
    }

    /// <summary>One line.</summary>
    public override string ToString() => $"padding {Padding}, stride {Stride}, {math} math";

    private protected override bool Destroy() => cudnnDestroyConvolutionDescriptor(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}

/// <summary>Average pooling with windows side by side; a window as large as the image is the global average.</summary>
public sealed class AveragePoolingDescriptor : CudaObject
{
    /// <summary>Describes it.</summary>
    public AveragePoolingDescriptor(int height, int width)
    {
        (Height, Width) = (height, width);
        Check(cudnnCreatePoolingDescriptor(out nint made), $"");
        Own(made, owner: null, () => Check(
            cudnnSetPooling2dDescriptor(
                Value, cudnnPoolingMode_t.CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING, cudnnNanPropagation_t.CUDNN_PROPAGATE_NAN, height, width, 0, 0, height, width),
            $"{this}"));
    }

    /// <summary>Rows of a window.</summary>
    public int Height { get; }

    /// <summary>Columns of a window.</summary>
    public int Width { get; }

    /// <summary>One line.</summary>
    public override string ToString() => $"average over {Height}x{Width}";

    private protected override bool Destroy() => cudnnDestroyPoolingDescriptor(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}

/// <summary>ReLU that lets NaN through.</summary>
public sealed class ReluDescriptor : CudaObject
{
    /// <summary>Describes it.</summary>
    public ReluDescriptor()
    {
        Check(cudnnCreateActivationDescriptor(out nint made), $"");
        Own(made, owner: null, () => Check(
            cudnnSetActivationDescriptor(Value, cudnnActivationMode_t.CUDNN_ACTIVATION_RELU, cudnnNanPropagation_t.CUDNN_PROPAGATE_NAN, coef: 0), $"ReLU"));
    }

    private protected override bool Destroy() => cudnnDestroyActivationDescriptor(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}
