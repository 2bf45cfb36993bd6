using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Which algorithms there are for a convolution: by rules, or by running them.</summary>
internal static unsafe class CudnnAlgorithmExports
{
    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionForwardAlgorithm_v7")]
    internal static cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
        nint handle, nint srcDesc, nint filterDesc, nint convDesc, nint destDesc, int requestedAlgoCount, int* returnedAlgoCount, void* perfResults) =>
        CudnnCall.OnHandle(handle, found => Heuristics(ConvolutionPass.Forward, found, srcDesc, filterDesc, convDesc, destDesc, requestedAlgoCount, returnedAlgoCount, perfResults));

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionBackwardDataAlgorithm_v7")]
    internal static cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
        nint handle, nint filterDesc, nint diffDesc, nint convDesc, nint gradDesc, int requestedAlgoCount, int* returnedAlgoCount, void* perfResults) =>
        CudnnCall.OnHandle(handle, found => Heuristics(ConvolutionPass.BackwardData, found, gradDesc, filterDesc, convDesc, diffDesc, requestedAlgoCount, returnedAlgoCount, perfResults));

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionBackwardFilterAlgorithm_v7")]
    internal static cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        nint handle, nint srcDesc, nint diffDesc, nint convDesc, nint gradDesc, int requestedAlgoCount, int* returnedAlgoCount, void* perfResults) =>
        CudnnCall.OnHandle(handle, found => Heuristics(ConvolutionPass.BackwardFilter, found, srcDesc, gradDesc, convDesc, diffDesc, requestedAlgoCount, returnedAlgoCount, perfResults));

    [UnmanagedCallersOnly(EntryPoint = "cudnnFindConvolutionForwardAlgorithmEx")]
    internal static cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDesc, void* x, nint wDesc, void* w, nint convDesc, nint yDesc, void* y,
        int requestedAlgoCount, int* returnedAlgoCount, void* perfResults, void* workSpace, nuint workSpaceSizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        var (shape, math) = CudnnConvolutionExports.Shape(found, xDesc, wDesc, convDesc, yDesc);
        Find(
            ConvolutionPass.Forward, nameof(cudnnFindConvolutionForwardAlgorithmEx), found, shape, math,
            (CudnnConvolutionExports.Tensor(shape.X, x, nameof(x)), CudnnConvolutionExports.Tensor(shape.W, w, nameof(w))), CudnnConvolutionExports.Tensor(shape.Y, y, nameof(y)),
            ((ulong)workSpace, workSpaceSizeInBytes), requestedAlgoCount, returnedAlgoCount, perfResults);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnFindConvolutionBackwardDataAlgorithmEx")]
    internal static cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDesc, void* w, nint dyDesc, void* dy, nint convDesc, nint dxDesc, void* dx,
        int requestedAlgoCount, int* returnedAlgoCount, void* perfResults, void* workSpace, nuint workSpaceSizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        var (shape, math) = CudnnConvolutionExports.Shape(found, dxDesc, wDesc, convDesc, dyDesc);
        Find(
            ConvolutionPass.BackwardData, nameof(cudnnFindConvolutionBackwardDataAlgorithmEx), found, shape, math,
            (CudnnConvolutionExports.Tensor(shape.W, w, nameof(w)), CudnnConvolutionExports.Tensor(shape.Y, dy, nameof(dy))), CudnnConvolutionExports.Tensor(shape.X, dx, nameof(dx)),
            ((ulong)workSpace, workSpaceSizeInBytes), requestedAlgoCount, returnedAlgoCount, perfResults);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnFindConvolutionBackwardFilterAlgorithmEx")]
    internal static cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDesc, void* x, nint dyDesc, void* y, nint convDesc, nint dwDesc, void* dw,
        int requestedAlgoCount, int* returnedAlgoCount, void* perfResults, void* workSpace, nuint workSpaceSizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        var (shape, math) = CudnnConvolutionExports.Shape(found, xDesc, dwDesc, convDesc, dyDesc);
        Find(
            ConvolutionPass.BackwardFilter, nameof(cudnnFindConvolutionBackwardFilterAlgorithmEx), found, shape, math,
            (CudnnConvolutionExports.Tensor(shape.X, x, nameof(x)), CudnnConvolutionExports.Tensor(shape.Y, y, nameof(y))), CudnnConvolutionExports.Tensor(shape.W, dw, nameof(dw)),
            ((ulong)workSpace, workSpaceSizeInBytes), requestedAlgoCount, returnedAlgoCount, perfResults);
    });

    private static void Heuristics(
        ConvolutionPass pass, CudnnHandle handle, nint xDesc, nint wDesc, nint convDesc, nint yDesc, int requestedAlgoCount, int* returnedAlgoCount, void* perfResults)
    {
        var (shape, math) = CudnnConvolutionExports.Shape(handle, xDesc, wDesc, convDesc, yDesc);
        Return(pass.Heuristics(handle.Context.Device, shape, math), requestedAlgoCount, returnedAlgoCount, perfResults);
    }

    // It waits, runs an algorithm on the operands, and so overwrites the result, as running all of them would.
    private static void Find(
        ConvolutionPass pass, string name, CudnnHandle handle, ConvolutionShape shape, cudnnMathType_t math, (DeviceTensor A, DeviceTensor B) operands, DeviceTensor result,
        (ulong Address, nuint Bytes) workspace, int requestedAlgoCount, int* returnedAlgoCount, void* perfResults)
    {
        GpuContext context = handle.Context;
        Capture.Forbid(context.Machine, name);
        Capture.ForbidOn(handle.Stream, name);
        AlgorithmPerformance[] found = pass.Measured(context, shape, math, workspace.Address == 0 ? 0 : (long)workspace.Bytes);
        if (found[0].Status == cudnnStatus_t.CUDNN_STATUS_SUCCESS) pass.Give(handle, new(name, shape, found[0].MathType, found[0].Algorithm, operands, workspace, Blend.Overwrite, result));
        context.Machine.Counters.Synchronizations++;
        handle.Stream.RunAll();
        if (context.Machine.IsBroken) throw new LibraryFault(cudnnStatus_t.CUDNN_STATUS_EXECUTION_FAILED, $"{context.Machine.Report.Last(context.Machine.Broken)}", isMistake: false);
        Return(found, requestedAlgoCount, returnedAlgoCount, perfResults);
    }

    private static void Return(AlgorithmPerformance[] found, int requested, int* returned, void* results)
    {
        Expect.That(requested > 0, $"requestedAlgoCount {requested}: 1 or more is allowed");
        Expect.That(returned is not null && results is not null, "returnedAlgoCount or perfResults is null");
        *returned = Math.Min(requested, found.Length);
        found.AsSpan(0, *returned).CopyTo(new(results, *returned));
    }
}
