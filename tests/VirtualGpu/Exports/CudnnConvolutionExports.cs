using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Convolutions.</summary>
internal static unsafe class CudnnConvolutionExports
{
    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionForwardWorkspaceSize")]
    internal static cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
        nint handle, nint xDesc, nint wDesc, nint convDesc, nint yDesc, cudnnConvolutionFwdAlgo_t algo, nuint* sizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        Expect.That(sizeInBytes is not null, "sizeInBytes is null");
        var (shape, math) = Shape(found, xDesc, wDesc, convDesc, yDesc);
        *sizeInBytes = (nuint)ConvolutionPass.Forward.Workspace(found.Context.Device, shape, math, (uint)algo);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionBackwardDataWorkspaceSize")]
    internal static cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
        nint handle, nint wDesc, nint dyDesc, nint convDesc, nint dxDesc, cudnnConvolutionBwdDataAlgo_t algo, nuint* sizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        Expect.That(sizeInBytes is not null, "sizeInBytes is null");
        var (shape, math) = Shape(found, dxDesc, wDesc, convDesc, dyDesc);
        *sizeInBytes = (nuint)ConvolutionPass.BackwardData.Workspace(found.Context.Device, shape, math, (uint)algo);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolutionBackwardFilterWorkspaceSize")]
    internal static cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
        nint handle, nint xDesc, nint dyDesc, nint convDesc, nint gradDesc, cudnnConvolutionBwdFilterAlgo_t algo, nuint* sizeInBytes) => CudnnCall.OnHandle(handle, found =>
    {
        Expect.That(sizeInBytes is not null, "sizeInBytes is null");
        var (shape, math) = Shape(found, xDesc, gradDesc, convDesc, dyDesc);
        *sizeInBytes = (nuint)ConvolutionPass.BackwardFilter.Workspace(found.Context.Device, shape, math, (uint)algo);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnConvolutionForward")]
    internal static cudnnStatus_t cudnnConvolutionForward(
        nint handle, void* alpha, nint xDesc, void* x, nint wDesc, void* w, nint convDesc, cudnnConvolutionFwdAlgo_t algo,
        void* workSpace, nuint workSpaceSizeInBytes, void* beta, nint yDesc, void* y) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        var (shape, math) = Shape(found, xDesc, wDesc, convDesc, yDesc);
        ConvolutionPass.Forward.Give(
            found, nameof(cudnnConvolutionForward), shape, math, (uint)algo, (Tensor(shape.X, x, nameof(x)), Tensor(shape.W, w, nameof(w))),
            ((ulong)workSpace, workSpaceSizeInBytes), blend, Tensor(shape.Y, y, nameof(y)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnConvolutionBackwardData")]
    internal static cudnnStatus_t cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDesc, void* w, nint dyDesc, void* dy, nint convDesc, cudnnConvolutionBwdDataAlgo_t algo,
        void* workSpace, nuint workSpaceSizeInBytes, void* beta, nint dxDesc, void* dx) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        var (shape, math) = Shape(found, dxDesc, wDesc, convDesc, dyDesc);
        ConvolutionPass.BackwardData.Give(
            found, nameof(cudnnConvolutionBackwardData), shape, math, (uint)algo, (Tensor(shape.W, w, nameof(w)), Tensor(shape.Y, dy, nameof(dy))),
            ((ulong)workSpace, workSpaceSizeInBytes), blend, Tensor(shape.X, dx, nameof(dx)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnConvolutionBackwardFilter")]
    internal static cudnnStatus_t cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDesc, void* x, nint dyDesc, void* dy, nint convDesc, cudnnConvolutionBwdFilterAlgo_t algo,
        void* workSpace, nuint workSpaceSizeInBytes, void* beta, nint dwDesc, void* dw) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        var (shape, math) = Shape(found, xDesc, dwDesc, convDesc, dyDesc);
        ConvolutionPass.BackwardFilter.Give(
            found, nameof(cudnnConvolutionBackwardFilter), shape, math, (uint)algo, (Tensor(shape.X, x, nameof(x)), Tensor(shape.Y, dy, nameof(dy))),
            ((ulong)workSpace, workSpaceSizeInBytes), blend, Tensor(shape.W, dw, nameof(dw)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnConvolutionBackwardBias")]
    internal static cudnnStatus_t cudnnConvolutionBackwardBias(nint handle, void* alpha, nint dyDesc, void* dy, void* beta, nint dbDesc, void* db) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        TensorDescriptor from = Expect.Descriptor<TensorDescriptor>(found.Context.Machine, dyDesc, nameof(dyDesc)), to = Expect.Descriptor<TensorDescriptor>(found.Context.Machine, dbDesc, nameof(dbDesc));
        Expect.Alike(from, to);
        Expect.SameShape(to, new(1, from.Shape.C, 1, 1), nameof(dbDesc));
        Expect.Computable(from);
        DeviceTensor gradient = Expect.Tensor(from, dy, nameof(dy)), result = Expect.Tensor(to, db, nameof(db));
        Expect.Apart(result, inPlace: false, gradient);
        found.Give($"{nameof(cudnnConvolutionBackwardBias)}, dy {gradient.Shape}", gradient.Shape.Elements, memory =>
            blend.Store(memory, result.Address, LayerMath.SumOfChannels(gradient.Shape, memory.Floats(gradient.Address, gradient.Shape.Elements))));
    });

    /// <summary>What the descriptors of a convolution say together, and what it may compute with.</summary>
    public static (ConvolutionShape Shape, cudnnMathType_t Math) Shape(CudnnHandle handle, nint xDesc, nint wDesc, nint convDesc, nint yDesc)
    {
        Machine machine = handle.Context.Machine;
        ConvolutionDescriptor convolution = Expect.Descriptor<ConvolutionDescriptor>(machine, convDesc, nameof(convDesc));
        ConvolutionShape shape = ConvolutionShape.Of(
            Expect.Descriptor<TensorDescriptor>(machine, xDesc, nameof(xDesc)), Expect.Descriptor<FilterDescriptor>(machine, wDesc, nameof(wDesc)), convolution,
            Expect.Descriptor<TensorDescriptor>(machine, yDesc, nameof(yDesc)));
        return (shape, convolution.Math);
    }

    /// <summary>An operand whose shape is known.</summary>
    public static DeviceTensor Tensor(TensorShape shape, void* address, string parameter) => new(shape, Expect.Data(address, parameter));
}
