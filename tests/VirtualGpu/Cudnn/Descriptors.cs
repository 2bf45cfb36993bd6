using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>A descriptor. cuDNN's belong to no context; here the one in which they were made misses those that are left at its end.</summary>
internal abstract class CudnnDescriptor(string kind) : GpuObject(kind, ContextStack.Current)
{
    /// <summary>Whether it says anything yet.</summary>
    public bool IsSet { get; set; }
}

/// <summary>Of a tensor or of weights.</summary>
internal abstract class ShapedDescriptor(string kind) : CudnnDescriptor(kind)
{
    public TensorShape Shape { get; private set; }

    public cudnnDataType_t Type { get; private set; }

    public cudnnTensorFormat_t Format { get; private set; }

    /// <summary>Describes an array without gaps.</summary>
    public void Set(cudnnTensorFormat_t format, cudnnDataType_t type, TensorShape shape)
    {
        Expect.That(Enum.IsDefined(format) && Enum.IsDefined(type), $"format {(uint)format} or type {(uint)type} is one that the emulator does not know");
        Expect.That(shape is { N: > 0, C: > 0, H: > 0, W: > 0 }, $"dimensions {shape}: all have to be 1 or more");
        if (shape.Elements > int.MaxValue) throw Expect.NotSupported($"{shape} has more than {int.MaxValue} elements");
        (Format, Type, Shape, IsSet) = (format, type, shape, true);
    }
}

internal sealed class TensorDescriptor() : ShapedDescriptor("tensor descriptor");

internal sealed class FilterDescriptor() : ShapedDescriptor("filter descriptor");

internal sealed class ConvolutionDescriptor() : CudnnDescriptor("convolution descriptor")
{
    public int PadH { get; private set; }

    public int PadW { get; private set; }

    public int StrideH { get; private set; }

    public int StrideW { get; private set; }

    public int DilationH { get; private set; }

    public int DilationW { get; private set; }

    public cudnnConvolutionMode_t Mode { get; private set; }

    public cudnnDataType_t ComputeType { get; private set; }

    /// <summary>May be set before the rest.</summary>
    public cudnnMathType_t Math { get; set; }

    public void Set((int H, int W) pad, (int H, int W) stride, (int H, int W) dilation, cudnnConvolutionMode_t mode, cudnnDataType_t computeType)
    {
        Expect.That(pad is { H: >= 0, W: >= 0 }, $"padding {pad}: 0 or more is allowed");
        Expect.That(stride is { H: > 0, W: > 0 }, $"stride {stride}: 1 or more is allowed");
        Expect.That(dilation is { H: > 0, W: > 0 }, $"dilation {dilation}: 1 or more is allowed");
        Expect.That(Enum.IsDefined(mode) && Enum.IsDefined(computeType), $"mode {(uint)mode} or compute type {(uint)computeType} is unknown");
        ((PadH, PadW), (StrideH, StrideW), (DilationH, DilationW)) = (pad, stride, dilation);
        (Mode, ComputeType, IsSet) = (mode, computeType, true);
    }
}

internal sealed class PoolingDescriptor() : CudnnDescriptor("pooling descriptor")
{
    public PoolingWindow Window { get; private set; }

    public void Set(PoolingWindow window)
    {
        Expect.That(Enum.IsDefined(window.Mode), $"mode {(uint)window.Mode}: from 0 to 3 is allowed");
        Expect.That(window is { Height: > 0, Width: > 0, StrideH: > 0, StrideW: > 0 }, $"{window}: windows and strides have to be 1 or more");
        Expect.That(window.PadH >= 0 && window.PadW >= 0 && window.PadH < window.Height && window.PadW < window.Width, $"{window}: padding has to be less than the window");
        (Window, IsSet) = (window, true);
    }
}

internal sealed class ActivationDescriptor() : CudnnDescriptor("activation descriptor")
{
    public cudnnActivationMode_t Mode { get; private set; }

    /// <summary>Whether NaN stays NaN; otherwise it becomes 0.</summary>
    public bool PropagatesNaN { get; private set; }

    public void Set(cudnnActivationMode_t mode, cudnnNanPropagation_t propagation)
    {
        Expect.That(Enum.IsDefined(mode) && Enum.IsDefined(propagation), $"mode {(uint)mode} or NaN propagation {(uint)propagation} is unknown");
        (Mode, PropagatesNaN, IsSet) = (mode, propagation == cudnnNanPropagation_t.CUDNN_PROPAGATE_NAN, true);
    }
}
