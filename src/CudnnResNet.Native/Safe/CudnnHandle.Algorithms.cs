using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.Native.Safe;

// Which algorithms there are for a convolution: by cuDNN's rules, which ask nothing of the GPU, or by running and timing each of them,
// which writes to the outputs and must not happen while a graph is captured. Best first; unsupported ones are in the list.
public sealed unsafe partial class CudnnHandle
{
    private const int MaxAlgorithms = 16;

    /// <summary>Algorithms of y = conv(x, w), by cuDNN's rules.</summary>
    public AlgorithmChoice<ForwardAlgorithm>[] ForwardAlgorithms(TensorDescriptor x, FilterDescriptor w, ConvolutionDescriptor convolution, TensorDescriptor y)
    {
        var found = new cudnnConvolutionFwdAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionFwdAlgoPerf_t* first = found)
        {
            Check(
                cudnnGetConvolutionForwardAlgorithm_v7(Value, x.Value, w.Value, convolution.Value, y.Value, MaxAlgorithms, out int count, first),
                $"x {x}, w {w}, y {y}, {convolution}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Algorithms of dx, by cuDNN's rules.</summary>
    public AlgorithmChoice<BackwardDataAlgorithm>[] BackwardDataAlgorithms(FilterDescriptor w, TensorDescriptor dy, ConvolutionDescriptor convolution, TensorDescriptor dx)
    {
        var found = new cudnnConvolutionBwdDataAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionBwdDataAlgoPerf_t* first = found)
        {
            Check(
                cudnnGetConvolutionBackwardDataAlgorithm_v7(Value, w.Value, dy.Value, convolution.Value, dx.Value, MaxAlgorithms, out int count, first),
                $"w {w}, dy {dy}, dx {dx}, {convolution}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Algorithms of dw, by cuDNN's rules.</summary>
    public AlgorithmChoice<BackwardFilterAlgorithm>[] BackwardFilterAlgorithms(TensorDescriptor x, TensorDescriptor dy, ConvolutionDescriptor convolution, FilterDescriptor dw)
    {
        var found = new cudnnConvolutionBwdFilterAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionBwdFilterAlgoPerf_t* first = found)
        {
            Check(
                cudnnGetConvolutionBackwardFilterAlgorithm_v7(Value, x.Value, dy.Value, convolution.Value, dw.Value, MaxAlgorithms, out int count, first),
                $"x {x}, dy {dy}, dw {dw}, {convolution}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Algorithms of y = conv(x, w), by running each within the workspace.</summary>
    public AlgorithmChoice<ForwardAlgorithm>[] TimeForwardAlgorithms(DeviceTensor x, DeviceFilter w, ConvolutionDescriptor convolution, Workspace workspace, DeviceTensor y)
    {
        var found = new cudnnConvolutionFwdAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionFwdAlgoPerf_t* first = found)
        {
            Check(
                cudnnFindConvolutionForwardAlgorithmEx(
                    Value, x.Descriptor.Value, x.Data.Raw, w.Descriptor.Value, w.Data.Raw, convolution.Value, y.Descriptor.Value, y.Data.Raw,
                    MaxAlgorithms, out int count, first, workspace.Pointer.Raw, (nuint)workspace.Bytes),
                $"x {x}, w {w}, y {y}, {convolution}, workspace {workspace.Bytes}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Algorithms of dx, by running each within the workspace.</summary>
    public AlgorithmChoice<BackwardDataAlgorithm>[] TimeBackwardDataAlgorithms(DeviceFilter w, DeviceTensor dy, ConvolutionDescriptor convolution, Workspace workspace, DeviceTensor dx)
    {
        var found = new cudnnConvolutionBwdDataAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionBwdDataAlgoPerf_t* first = found)
        {
            Check(
                cudnnFindConvolutionBackwardDataAlgorithmEx(
                    Value, w.Descriptor.Value, w.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, convolution.Value, dx.Descriptor.Value, dx.Data.Raw,
                    MaxAlgorithms, out int count, first, workspace.Pointer.Raw, (nuint)workspace.Bytes),
                $"w {w}, dy {dy}, dx {dx}, {convolution}, workspace {workspace.Bytes}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Algorithms of dw, by running each within the workspace.</summary>
    public AlgorithmChoice<BackwardFilterAlgorithm>[] TimeBackwardFilterAlgorithms(DeviceTensor x, DeviceTensor dy, ConvolutionDescriptor convolution, Workspace workspace, DeviceFilter dw)
    {
        var found = new cudnnConvolutionBwdFilterAlgoPerf_t[MaxAlgorithms];
        fixed (cudnnConvolutionBwdFilterAlgoPerf_t* first = found)
        {
            Check(
                cudnnFindConvolutionBackwardFilterAlgorithmEx(
                    Value, x.Descriptor.Value, x.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, convolution.Value, dw.Descriptor.Value, dw.Data.Raw,
                    MaxAlgorithms, out int count, first, workspace.Pointer.Raw, (nuint)workspace.Bytes),
                $"x {x}, dy {dy}, dw {dw}, {convolution}, workspace {workspace.Bytes}");
            return [.. found.Take(count).Select(Choice)];
        }
    }

    /// <summary>Bytes that an algorithm of y = conv(x, w) needs.</summary>
    public long WorkspaceSize(TensorDescriptor x, FilterDescriptor w, ConvolutionDescriptor convolution, ForwardAlgorithm algorithm, TensorDescriptor y)
    {
        Check(
            cudnnGetConvolutionForwardWorkspaceSize(Value, x.Value, w.Value, convolution.Value, y.Value, (cudnnConvolutionFwdAlgo_t)algorithm, out nuint bytes),
            $"x {x}, w {w}, y {y}, {convolution}, algorithm {algorithm}");
        return (long)bytes;
    }

    /// <summary>Bytes that an algorithm of dx needs.</summary>
    public long WorkspaceSize(FilterDescriptor w, TensorDescriptor dy, ConvolutionDescriptor convolution, BackwardDataAlgorithm algorithm, TensorDescriptor dx)
    {
        Check(
            cudnnGetConvolutionBackwardDataWorkspaceSize(Value, w.Value, dy.Value, convolution.Value, dx.Value, (cudnnConvolutionBwdDataAlgo_t)algorithm, out nuint bytes),
            $"w {w}, dy {dy}, dx {dx}, {convolution}, algorithm {algorithm}");
        return (long)bytes;
    }

    /// <summary>Bytes that an algorithm of dw needs.</summary>
    public long WorkspaceSize(TensorDescriptor x, TensorDescriptor dy, ConvolutionDescriptor convolution, BackwardFilterAlgorithm algorithm, FilterDescriptor dw)
    {
        Check(
            cudnnGetConvolutionBackwardFilterWorkspaceSize(Value, x.Value, dy.Value, convolution.Value, dw.Value, (cudnnConvolutionBwdFilterAlgo_t)algorithm, out nuint bytes),
            $"x {x}, dy {dy}, dw {dw}, {convolution}, algorithm {algorithm}");
        return (long)bytes;
    }

    private static AlgorithmChoice<ForwardAlgorithm> Choice(cudnnConvolutionFwdAlgoPerf_t found) =>
        Choice((ForwardAlgorithm)found.algo, found.status, found.determinism, found.memory, found.mathType, found.time);

    private static AlgorithmChoice<BackwardDataAlgorithm> Choice(cudnnConvolutionBwdDataAlgoPerf_t found) =>
        Choice((BackwardDataAlgorithm)found.algo, found.status, found.determinism, found.memory, found.mathType, found.time);

    private static AlgorithmChoice<BackwardFilterAlgorithm> Choice(cudnnConvolutionBwdFilterAlgoPerf_t found) =>
        Choice((BackwardFilterAlgorithm)found.algo, found.status, found.determinism, found.memory, found.mathType, found.time);

    private static AlgorithmChoice<TAlgorithm> Choice<TAlgorithm>(
        TAlgorithm algorithm, cudnnStatus_t status, cudnnDeterminism_t determinism, nuint memory, cudnnMathType_t math, float time) where TAlgorithm : struct, Enum =>
        new(algorithm, status == cudnnStatus_t.CUDNN_STATUS_SUCCESS, determinism == cudnnDeterminism_t.CUDNN_DETERMINISTIC, (long)memory, (ConvolutionMath)math, time);
}
