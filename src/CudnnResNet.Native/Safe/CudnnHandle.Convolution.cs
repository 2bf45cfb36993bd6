using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.Native.Safe;

// The three passes of a convolution. NOT_SUPPORTED is only known for sure when one of them runs: CudnnException.IsNotSupported.
public sealed unsafe partial class CudnnHandle
{
    /// <summary>y = conv(x, w).</summary>
    public void ConvolutionForward(
        DeviceTensor x, DeviceFilter w, ConvolutionDescriptor convolution, ForwardAlgorithm algorithm, Workspace workspace, DeviceTensor y, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnConvolutionForward");
        Check(
            cudnnConvolutionForward(
                Value, &alpha, x.Descriptor.Value, x.Data.Raw, w.Descriptor.Value, w.Data.Raw, convolution.Value, (cudnnConvolutionFwdAlgo_t)algorithm,
                workspace.Pointer.Raw, (nuint)workspace.Bytes, &beta, y.Descriptor.Value, y.Data.Raw),
            $"x {x}, w {w}, y {y}, {convolution}, algorithm {algorithm}, workspace {workspace.Bytes}");
    }

    /// <summary>dx: the gradient of x.</summary>
    public void ConvolutionBackwardData(
        DeviceFilter w, DeviceTensor dy, ConvolutionDescriptor convolution, BackwardDataAlgorithm algorithm, Workspace workspace, DeviceTensor dx, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnConvolutionBackwardData");
        Check(
            cudnnConvolutionBackwardData(
                Value, &alpha, w.Descriptor.Value, w.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, convolution.Value, (cudnnConvolutionBwdDataAlgo_t)algorithm,
                workspace.Pointer.Raw, (nuint)workspace.Bytes, &beta, dx.Descriptor.Value, dx.Data.Raw),
            $"w {w}, dy {dy}, dx {dx}, {convolution}, algorithm {algorithm}, workspace {workspace.Bytes}");
    }

    /// <summary>dw: the gradient of w.</summary>
    public void ConvolutionBackwardFilter(
        DeviceTensor x, DeviceTensor dy, ConvolutionDescriptor convolution, BackwardFilterAlgorithm algorithm, Workspace workspace, DeviceFilter dw, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnConvolutionBackwardFilter");
        Check(
            cudnnConvolutionBackwardFilter(
                Value, &alpha, x.Descriptor.Value, x.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, convolution.Value, (cudnnConvolutionBwdFilterAlgo_t)algorithm,
                workspace.Pointer.Raw, (nuint)workspace.Bytes, &beta, dw.Descriptor.Value, dw.Data.Raw),
            $"x {x}, dy {dy}, dw {dw}, {convolution}, algorithm {algorithm}, workspace {workspace.Bytes}");
    }

    /// <summary>db (1, C, 1, 1): dy summed over images and pixels.</summary>
    public void ConvolutionBackwardBias(DeviceTensor dy, DeviceTensor db, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnConvolutionBackwardBias");
        Check(cudnnConvolutionBackwardBias(Value, &alpha, dy.Descriptor.Value, dy.Data.Raw, &beta, db.Descriptor.Value, db.Data.Raw), $"dy {dy}, db {db}");
    }
}
