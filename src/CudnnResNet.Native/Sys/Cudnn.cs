using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Sys;

/// <summary>
/// The functions of cuDNN 9 that the engine calls, one to one: C names, parameter names of the headers. Handles and descriptors are
/// <c>nint</c>, as is device memory (<c>void*</c> in C); <c>alpha</c> and <c>beta</c> point to floats of the host.
/// </summary>
internal static unsafe partial class Cudnn
{
    public const string Library = "libcudnn";

    static Cudnn() => ImportResolver.Register();

    // Version, errors, handle.
    [LibraryImport(Library)] public static partial nuint cudnnGetVersion();
    [LibraryImport(Library)] public static partial nuint cudnnGetCudartVersion();
    [LibraryImport(Library)] public static partial byte* cudnnGetErrorString(cudnnStatus_t status);
    [LibraryImport(Library)] public static partial void cudnnGetLastErrorString(byte* message, nuint max_size);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGraphVersionCheck();
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnOpsVersionCheck();
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCnnVersionCheck();
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreate(out nint handle);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroy(nint handle);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetStream(nint handle, nint streamId);

    // Descriptors.
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreateTensorDescriptor(out nint tensorDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroyTensorDescriptor(nint tensorDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetTensor4dDescriptor(
        nint tensorDesc, cudnnTensorFormat_t format, cudnnDataType_t dataType, int n, int c, int h, int w);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDeriveBNTensorDescriptor(nint derivedBnDesc, nint xDesc, cudnnBatchNormMode_t mode);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreateFilterDescriptor(out nint filterDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroyFilterDescriptor(nint filterDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetFilter4dDescriptor(
        nint filterDesc, cudnnDataType_t dataType, cudnnTensorFormat_t format, int k, int c, int h, int w);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreateConvolutionDescriptor(out nint convDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroyConvolutionDescriptor(nint convDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetConvolution2dDescriptor(
        nint convDesc, int pad_h, int pad_w, int u, int v, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode, cudnnDataType_t computeType);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetConvolutionMathType(nint convDesc, cudnnMathType_t mathType);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolution2dForwardOutputDim(
        nint convDesc, nint inputTensorDesc, nint filterDesc, out int n, out int c, out int h, out int w);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreatePoolingDescriptor(out nint poolingDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroyPoolingDescriptor(nint poolingDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetPooling2dDescriptor(
        nint poolingDesc, cudnnPoolingMode_t mode, cudnnNanPropagation_t maxpoolingNanOpt,
        int windowHeight, int windowWidth, int verticalPadding, int horizontalPadding, int verticalStride, int horizontalStride);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnCreateActivationDescriptor(out nint activationDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnDestroyActivationDescriptor(nint activationDesc);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnSetActivationDescriptor(
        nint activationDesc, cudnnActivationMode_t mode, cudnnNanPropagation_t reluNanOpt, double coef);

    // Convolution: which algorithm (the _v7 heuristics ask the host only; Find runs and times them), how much workspace, and the three passes.
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
        nint handle, nint srcDesc, nint filterDesc, nint convDesc, nint destDesc,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionFwdAlgoPerf_t* perfResults);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
        nint handle, nint filterDesc, nint diffDesc, nint convDesc, nint gradDesc,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionBwdDataAlgoPerf_t* perfResults);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        nint handle, nint srcDesc, nint diffDesc, nint convDesc, nint gradDesc,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionBwdFilterAlgoPerf_t* perfResults);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDesc, nint x, nint wDesc, nint w, nint convDesc, nint yDesc, nint y,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionFwdAlgoPerf_t* perfResults, nint workSpace, nuint workSpaceSizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDesc, nint w, nint dyDesc, nint dy, nint convDesc, nint dxDesc, nint dx,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionBwdDataAlgoPerf_t* perfResults, nint workSpace, nuint workSpaceSizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDesc, nint x, nint dyDesc, nint y, nint convDesc, nint dwDesc, nint dw,
        int requestedAlgoCount, out int returnedAlgoCount, cudnnConvolutionBwdFilterAlgoPerf_t* perfResults, nint workSpace, nuint workSpaceSizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
        nint handle, nint xDesc, nint wDesc, nint convDesc, nint yDesc, cudnnConvolutionFwdAlgo_t algo, out nuint sizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
        nint handle, nint wDesc, nint dyDesc, nint convDesc, nint dxDesc, cudnnConvolutionBwdDataAlgo_t algo, out nuint sizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
        nint handle, nint xDesc, nint dyDesc, nint convDesc, nint gradDesc, cudnnConvolutionBwdFilterAlgo_t algo, out nuint sizeInBytes);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnConvolutionForward(
        nint handle, float* alpha, nint xDesc, nint x, nint wDesc, nint w, nint convDesc, cudnnConvolutionFwdAlgo_t algo,
        nint workSpace, nuint workSpaceSizeInBytes, float* beta, nint yDesc, nint y);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnConvolutionBackwardData(
        nint handle, float* alpha, nint wDesc, nint w, nint dyDesc, nint dy, nint convDesc, cudnnConvolutionBwdDataAlgo_t algo,
        nint workSpace, nuint workSpaceSizeInBytes, float* beta, nint dxDesc, nint dx);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnConvolutionBackwardFilter(
        nint handle, float* alpha, nint xDesc, nint x, nint dyDesc, nint dy, nint convDesc, cudnnConvolutionBwdFilterAlgo_t algo,
        nint workSpace, nuint workSpaceSizeInBytes, float* beta, nint dwDesc, nint dw);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnConvolutionBackwardBias(
        nint handle, float* alpha, nint dyDesc, nint dy, float* beta, nint dbDesc, nint db);

    // Batch normalisation.
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnBatchNormalizationForwardTraining(
        nint handle, cudnnBatchNormMode_t mode, float* alpha, float* beta, nint xDesc, nint x, nint yDesc, nint y,
        nint bnScaleBiasMeanVarDesc, nint bnScale, nint bnBias, double exponentialAverageFactor, nint resultRunningMean, nint resultRunningVariance,
        double epsilon, nint resultSaveMean, nint resultSaveInvVariance);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnBatchNormalizationForwardInference(
        nint handle, cudnnBatchNormMode_t mode, float* alpha, float* beta, nint xDesc, nint x, nint yDesc, nint y,
        nint bnScaleBiasMeanVarDesc, nint bnScale, nint bnBias, nint estimatedMean, nint estimatedVariance, double epsilon);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnBatchNormalizationBackward(
        nint handle, cudnnBatchNormMode_t mode, float* alphaDataDiff, float* betaDataDiff, float* alphaParamDiff, float* betaParamDiff,
        nint xDesc, nint x, nint dyDesc, nint dy, nint dxDesc, nint dx,
        nint dBnScaleBiasDesc, nint bnScale, nint dBnScaleResult, nint dBnBiasResult, double epsilon, nint savedMean, nint savedInvVariance);

    // ReLU, average pooling, and the bias of the linear layer.
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnActivationForward(
        nint handle, nint activationDesc, float* alpha, nint xDesc, nint x, float* beta, nint yDesc, nint y);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnActivationBackward(
        nint handle, nint activationDesc, float* alpha, nint yDesc, nint y, nint dyDesc, nint dy, nint xDesc, nint x, float* beta, nint dxDesc, nint dx);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnPoolingForward(
        nint handle, nint poolingDesc, float* alpha, nint xDesc, nint x, float* beta, nint yDesc, nint y);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnPoolingBackward(
        nint handle, nint poolingDesc, float* alpha, nint yDesc, nint y, nint dyDesc, nint dy, nint xDesc, nint x, float* beta, nint dxDesc, nint dx);
    [LibraryImport(Library)] public static partial cudnnStatus_t cudnnAddTensor(
        nint handle, float* alpha, nint aDesc, nint A, float* beta, nint cDesc, nint C);
}
