using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>An algorithm of one of a convolution's passes.</summary>
/// <param name="Value">Its number.</param>
/// <param name="Name">Its C name.</param>
/// <param name="IsDeterministic">Whether cuDNN promises the same bits each time; here all give them.</param>
/// <param name="UsesTensorCores">Whether it computes with TF32 where that is allowed.</param>
/// <param name="Backwards">Whether it adds in the other order.</param>
/// <param name="Needs">Bytes that it needs for a convolution; null where it cannot compute it.</param>
internal sealed record ConvolutionAlgorithm(uint Value, string Name, bool IsDeterministic, bool UsesTensorCores, bool Backwards, Func<ConvolutionShape, long?> Needs)
{
    /// <summary>Whether it rounds to TF32.</summary>
    public bool UsesTf32(GpuDevice device, cudnnMathType_t math) => UsesTensorCores && device.HasTf32 && math != cudnnMathType_t.CUDNN_FMA_MATH;

    /// <summary>Bytes that it needs; more with TF32, so that the math has to be set before one asks. Null where it cannot compute this.</summary>
    public long? Workspace(GpuDevice device, ConvolutionShape shape, cudnnMathType_t math) =>
        Needs(shape) + (UsesTf32(device, math) ? ConvolutionAlgorithms.Bytes(shape.W.Elements) : 0);
}

/// <summary>
/// The algorithms in the order in which the heuristics prefer them. Which one suits a convolution, and how much memory it needs, is made
/// up, though not far from what cuDNN answers: first come some that need memory or are not deterministic, and some never can.
/// </summary>
internal static class ConvolutionAlgorithms
{
    public static readonly ConvolutionAlgorithm[] Forward =
    [
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, shape => Bytes(shape.W.Image), tensorCores: true),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD, shape => IsWinograd(shape) ? 0 : null, backwards: true),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, _ => 0),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED, shape => IsWinograd(shape) ? Bytes(16L * shape.W.N * shape.W.C) : null, backwards: true),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_GEMM, shape => Bytes((long)shape.W.Image * shape.Y.Plane)),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING, Fourier, backwards: true),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_FFT, Fourier, backwards: true),
        Of(cudnnConvolutionFwdAlgo_t.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT, _ => null),
    ];

    public static readonly ConvolutionAlgorithm[] BackwardData =
    [
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, _ => 0, deterministic: false),
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, shape => Bytes((long)shape.W.N * shape.W.Plane), tensorCores: true),
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD, shape => IsWinograd(shape) ? 0 : null, backwards: true),
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED, shape => IsWinograd(shape) ? Bytes(16L * shape.W.N * shape.W.C) : null, backwards: true),
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT_TILING, Fourier, backwards: true),
        Of(cudnnConvolutionBwdDataAlgo_t.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT, Fourier, backwards: true),
    ];

    public static readonly ConvolutionAlgorithm[] BackwardFilter =
    [
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, _ => 0, deterministic: false),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3, shape => Bytes(shape.W.Elements), deterministic: false),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1, shape => Bytes(shape.W.Elements * Math.Min(shape.X.N, 8)), tensorCores: true),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED, shape => IsWinograd(shape) ? Bytes(16L * shape.W.N * shape.W.C) : null),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT_TILING, Fourier),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT, Fourier),
        Of(cudnnConvolutionBwdFilterAlgo_t.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD, _ => null),
    ];

    private static ConvolutionAlgorithm Of<T>(T value, Func<ConvolutionShape, long?> workspace, bool deterministic = true, bool tensorCores = false, bool backwards = false) where T : struct, Enum =>
        new(Convert.ToUInt32(value), value.ToString(), deterministic, tensorCores, backwards, workspace);

    private static bool IsWinograd(ConvolutionShape shape) => shape is { IsDense: true, W: { H: 3, W: 3 }, Pad: { H: <= 2, W: <= 2 } };

    private static long? Fourier(ConvolutionShape shape) => shape.IsDense && shape.Pad.H < shape.W.H && shape.Pad.W < shape.W.W
        ? Bytes(2 * (shape.X.Elements + shape.W.Elements + shape.Y.Elements))
        : null;

    /// <summary>Of floats, in whole kilobytes.</summary>
    public static long Bytes(long floats) => (floats * sizeof(float) + 1023) / 1024 * 1024;
}

/// <summary>What cuDNN says of an algorithm. The three structs of the three passes are laid out alike.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AlgorithmPerformance
{
    public uint Algorithm;
    public cudnnStatus_t Status;
    public float Time;
    public nuint Memory;
    public uint Determinism;
    public cudnnMathType_t MathType;
    public int Reserved0, Reserved1, Reserved2;
}
