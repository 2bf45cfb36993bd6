using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>cuDNN's descriptors. They need no context, and a call keeps nothing of them but what they say then.</summary>
internal static unsafe class CudnnDescriptorExports
{
    [UnmanagedCallersOnly(EntryPoint = "cudnnCreateTensorDescriptor")]
    internal static cudnnStatus_t cudnnCreateTensorDescriptor(nint* tensorDesc) => Create<TensorDescriptor>(tensorDesc);

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroyTensorDescriptor")]
    internal static cudnnStatus_t cudnnDestroyTensorDescriptor(nint tensorDesc) => Destroy<TensorDescriptor>(tensorDesc, "tensor descriptor");

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetTensor4dDescriptor")]
    internal static cudnnStatus_t cudnnSetTensor4dDescriptor(nint tensorDesc, cudnnTensorFormat_t format, cudnnDataType_t dataType, int n, int c, int h, int w) =>
        CudnnCall.Always(machine => machine.Handles.Get<TensorDescriptor>(tensorDesc, "tensor descriptor").Set(format, dataType, new(n, c, h, w)));

    [UnmanagedCallersOnly(EntryPoint = "cudnnDeriveBNTensorDescriptor")]
    internal static cudnnStatus_t cudnnDeriveBNTensorDescriptor(nint derivedBnDesc, nint xDesc, cudnnBatchNormMode_t mode) => CudnnCall.Always(machine =>
    {
        Expect.That(Enum.IsDefined(mode), $"mode {(uint)mode}: from 0 to 2 is allowed");
        TensorDescriptor x = Expect.Descriptor<TensorDescriptor>(machine, xDesc, nameof(xDesc));
        TensorShape parameters = mode == cudnnBatchNormMode_t.CUDNN_BATCHNORM_PER_ACTIVATION ? x.Shape with { N = 1 } : new(1, x.Shape.C, 1, 1);
        // Their precision is 32 bits at least.
        cudnnDataType_t type = x.Type == cudnnDataType_t.CUDNN_DATA_DOUBLE ? cudnnDataType_t.CUDNN_DATA_DOUBLE : cudnnDataType_t.CUDNN_DATA_FLOAT;
        machine.Handles.Get<TensorDescriptor>(derivedBnDesc, "tensor descriptor").Set(x.Format, type, parameters);
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnCreateFilterDescriptor")]
    internal static cudnnStatus_t cudnnCreateFilterDescriptor(nint* filterDesc) => Create<FilterDescriptor>(filterDesc);

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroyFilterDescriptor")]
    internal static cudnnStatus_t cudnnDestroyFilterDescriptor(nint filterDesc) => Destroy<FilterDescriptor>(filterDesc, "filter descriptor");

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetFilter4dDescriptor")]
    internal static cudnnStatus_t cudnnSetFilter4dDescriptor(nint filterDesc, cudnnDataType_t dataType, cudnnTensorFormat_t format, int k, int c, int h, int w) =>
        CudnnCall.Always(machine => machine.Handles.Get<FilterDescriptor>(filterDesc, "filter descriptor").Set(format, dataType, new(k, c, h, w)));

    [UnmanagedCallersOnly(EntryPoint = "cudnnCreateConvolutionDescriptor")]
    internal static cudnnStatus_t cudnnCreateConvolutionDescriptor(nint* convDesc) => Create<ConvolutionDescriptor>(convDesc);

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroyConvolutionDescriptor")]
    internal static cudnnStatus_t cudnnDestroyConvolutionDescriptor(nint convDesc) => Destroy<ConvolutionDescriptor>(convDesc, "convolution descriptor");

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetConvolution2dDescriptor")]
    internal static cudnnStatus_t cudnnSetConvolution2dDescriptor(
        nint convDesc, int pad_h, int pad_w, int u, int v, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode, cudnnDataType_t computeType) =>
        CudnnCall.Always(machine => machine.Handles.Get<ConvolutionDescriptor>(convDesc, "convolution descriptor")
            .Set((pad_h, pad_w), (u, v), (dilation_h, dilation_w), mode, computeType));

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetConvolutionMathType")]
    internal static cudnnStatus_t cudnnSetConvolutionMathType(nint convDesc, cudnnMathType_t mathType) => CudnnCall.Always(machine =>
    {
        Expect.That(Enum.IsDefined(mathType), $"math type {(uint)mathType}: from 0 to 3 is allowed");
        machine.Handles.Get<ConvolutionDescriptor>(convDesc, "convolution descriptor").Math = mathType;
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnGetConvolution2dForwardOutputDim")]
    internal static cudnnStatus_t cudnnGetConvolution2dForwardOutputDim(nint convDesc, nint inputTensorDesc, nint filterDesc, int* n, int* c, int* h, int* w) => CudnnCall.Always(machine =>
    {
        Expect.That(n is not null && c is not null && h is not null && w is not null, "n, c, h or w is null");
        TensorDescriptor x = Expect.Descriptor<TensorDescriptor>(machine, inputTensorDesc, nameof(inputTensorDesc));
        FilterDescriptor filter = Expect.Descriptor<FilterDescriptor>(machine, filterDesc, nameof(filterDesc));
        (*n, *c, *h, *w) = ConvolutionShape.Output(x.Shape, filter.Shape, Expect.Descriptor<ConvolutionDescriptor>(machine, convDesc, nameof(convDesc)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnCreatePoolingDescriptor")]
    internal static cudnnStatus_t cudnnCreatePoolingDescriptor(nint* poolingDesc) => Create<PoolingDescriptor>(poolingDesc);

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroyPoolingDescriptor")]
    internal static cudnnStatus_t cudnnDestroyPoolingDescriptor(nint poolingDesc) => Destroy<PoolingDescriptor>(poolingDesc, "pooling descriptor");

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetPooling2dDescriptor")]
    internal static cudnnStatus_t cudnnSetPooling2dDescriptor(
        nint poolingDesc, cudnnPoolingMode_t mode, cudnnNanPropagation_t maxpoolingNanOpt,
        int windowHeight, int windowWidth, int verticalPadding, int horizontalPadding, int verticalStride, int horizontalStride) => CudnnCall.Always(machine =>
    {
        Expect.That(Enum.IsDefined(maxpoolingNanOpt), $"NaN propagation {(uint)maxpoolingNanOpt}: 0 or 1 is allowed");
        machine.Handles.Get<PoolingDescriptor>(poolingDesc, "pooling descriptor")
            .Set(new(mode, windowHeight, windowWidth, verticalPadding, horizontalPadding, verticalStride, horizontalStride));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnCreateActivationDescriptor")]
    internal static cudnnStatus_t cudnnCreateActivationDescriptor(nint* activationDesc) => Create<ActivationDescriptor>(activationDesc);

    [UnmanagedCallersOnly(EntryPoint = "cudnnDestroyActivationDescriptor")]
    internal static cudnnStatus_t cudnnDestroyActivationDescriptor(nint activationDesc) => Destroy<ActivationDescriptor>(activationDesc, "activation descriptor");

    [UnmanagedCallersOnly(EntryPoint = "cudnnSetActivationDescriptor")]
    internal static cudnnStatus_t cudnnSetActivationDescriptor(nint activationDesc, cudnnActivationMode_t mode, cudnnNanPropagation_t reluNanOpt, double coef) =>
        CudnnCall.Always(machine => machine.Handles.Get<ActivationDescriptor>(activationDesc, "activation descriptor").Set(mode, reluNanOpt));

    private static cudnnStatus_t Create<T>(nint* made, [CallerMemberName] string name = "") where T : CudnnDescriptor, new() => CudnnCall.Always(
        machine =>
        {
            Expect.That(made is not null, "the place for the descriptor is null");
            *made = machine.Handles.Add(new T()).Handle;
        },
        name);

    private static cudnnStatus_t Destroy<T>(nint handle, string kind, [CallerMemberName] string name = "") where T : CudnnDescriptor => CudnnCall.Always(
        machine => machine.Handles.Get<T>(handle, kind).IsDestroyed = true,
        name);
}
