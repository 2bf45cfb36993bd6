using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>The type of a tensor's elements. Scaling factors are 32-bit floats for all of these.</summary>
public enum DataType
{
    /// <summary>32-bit floating point.</summary>
    Float32 = (int)cudnnDataType_t.CUDNN_DATA_FLOAT,

    /// <summary>16-bit floating point.</summary>
    Float16 = (int)cudnnDataType_t.CUDNN_DATA_HALF,

    /// <summary>16-bit floating point with the exponent of 32 bits.</summary>
    BFloat16 = (int)cudnnDataType_t.CUDNN_DATA_BFLOAT16,
}

/// <summary>The order of a tensor's dimensions in memory.</summary>
public enum TensorFormat
{
    /// <summary>Width is the fastest.</summary>
    Nchw = (int)cudnnTensorFormat_t.CUDNN_TENSOR_NCHW,

    /// <summary>Channels are the fastest.</summary>
    Nhwc = (int)cudnnTensorFormat_t.CUDNN_TENSOR_NHWC,
}

/// <summary>What a convolution may compute with.</summary>
public enum ConvolutionMath
{
    /// <summary>cuDNN's choice: from Ampere on, TF32 tensor cores for 32-bit floats.</summary>
    Default = (int)cudnnMathType_t.CUDNN_DEFAULT_MATH,

    /// <summary>Tensor cores; TF32 for 32-bit floats.</summary>
    TensorCores = (int)cudnnMathType_t.CUDNN_TENSOR_OP_MATH,

    /// <summary>Tensor cores, and 32-bit floats may be rounded to 16 bits.</summary>
    TensorCoresWithConversion = (int)cudnnMathType_t.CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION,

    /// <summary>No tensor cores: full 32-bit products and sums.</summary>
    Fma = (int)cudnnMathType_t.CUDNN_FMA_MATH,
}

/// <summary>Algorithms of y = conv(x, w).</summary>
public enum ForwardAlgorithm
{
    /// <summary>Matrix product without a matrix in memory.</summary>
    ImplicitGemm = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,

    /// <summary>The same with offsets computed beforehand.</summary>
    ImplicitPrecomputedGemm = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,

    /// <summary>Matrix product with the matrix in the workspace.</summary>
    Gemm = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_GEMM,

    /// <summary>Direct; cuDNN names it but has none.</summary>
    Direct = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT,

    /// <summary>Fourier transforms of whole images.</summary>
    Fft = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_FFT,

    /// <summary>Fourier transforms of tiles.</summary>
    FftTiling = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING,

    /// <summary>Winograd in one kernel.</summary>
    Winograd = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD,

    /// <summary>Winograd in several kernels.</summary>
    WinogradNonFused = (int)cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED,
}

/// <summary>Algorithms of the gradient of x.</summary>
public enum BackwardDataAlgorithm
{
    /// <summary>Adds with atomics: not reproducible.</summary>
    Algorithm0 = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0,

    /// <summary>Matrix product, reproducible.</summary>
    Algorithm1 = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,

    /// <summary>Fourier transforms of whole images.</summary>
    Fft = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT,

    /// <summary>Fourier transforms of tiles.</summary>
    FftTiling = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT_TILING,

    /// <summary>Winograd in one kernel.</summary>
    Winograd = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD,

    /// <summary>Winograd in several kernels.</summary>
    WinogradNonFused = (int)cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED,
}

/// <summary>Algorithms of the gradient of w.</summary>
public enum BackwardFilterAlgorithm
{
    /// <summary>Adds with atomics: not reproducible.</summary>
    Algorithm0 = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,

    /// <summary>Matrix product, reproducible.</summary>
    Algorithm1 = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,

    /// <summary>Fourier transforms of whole images.</summary>
    Fft = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT,

    /// <summary>Like 0 with a workspace: not reproducible.</summary>
    Algorithm3 = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3,

    /// <summary>Winograd in one kernel; cuDNN names it but has none.</summary>
    Winograd = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD,

    /// <summary>Winograd in several kernels.</summary>
    WinogradNonFused = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED,

    /// <summary>Fourier transforms of tiles.</summary>
    FftTiling = (int)cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT_TILING,
}

/// <summary>What cuDNN says of one algorithm for one convolution.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="IsSupported">Whether cuDNN can use it here.</param>
/// <param name="IsDeterministic">Whether it gives the same bits every time on the same GPU.</param>
/// <param name="Workspace">Bytes it needs.</param>
/// <param name="Math">What it computes with; to be set on the convolution before it runs.</param>
/// <param name="Milliseconds">Its time where it was measured, else -1.</param>
public readonly record struct AlgorithmChoice<TAlgorithm>(TAlgorithm Algorithm, bool IsSupported, bool IsDeterministic, long Workspace, ConvolutionMath Math, float Milliseconds)
    where TAlgorithm : struct, Enum;
