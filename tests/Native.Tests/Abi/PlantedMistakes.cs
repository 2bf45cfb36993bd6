using System.Runtime.InteropServices;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Tests.Abi;

// Declarations that compile, and would link, and are wrong in one place each. Nothing calls them, and nothing writes their fields.
#pragma warning disable CS0649

/// <summary>y and dy are swapped.</summary>
internal static unsafe partial class SwappedParameters
{
    [LibraryImport("libcudnn")]
    internal static partial cudnnStatus_t cudnnActivationBackward(
        nint handle, nint activationDesc, float* alpha, nint yDesc, nint dy, nint dyDesc, nint y, nint xDesc, nint x, float* beta, nint dxDesc, nint dx);
}

/// <summary>A size is 4 bytes.</summary>
internal static partial class WrongSize
{
    [LibraryImport("libcuda")]
    internal static partial CUresult cuMemAlloc_v2(out ulong dptr, uint bytesize);
}

/// <summary>The symbol from before 64-bit addresses.</summary>
internal static partial class OldEntryPoint
{
    [LibraryImport("libcuda", EntryPoint = "cuMemAlloc")]
    internal static partial CUresult cuMemAlloc_v2(out ulong dptr, nuint bytesize);
}

/// <summary>FMA has the number of cuDNN's conversions.</summary>
internal static class WrongEnumValue
{
    internal enum cudnnMathType_t : uint
    {
        CUDNN_DEFAULT_MATH = 0,
        CUDNN_FMA_MATH = 2,
    }
}

/// <summary>determinism and mathType are swapped.</summary>
internal static class WrongStructOffset
{
    internal unsafe struct cudnnConvolutionFwdAlgoPerf_t
    {
        public cudnnConvolutionFwdAlgo_t algo;
        public cudnnStatus_t status;
        public float time;
        public nuint memory;
        public cudnnMathType_t mathType;
        public cudnnDeterminism_t determinism;
        public fixed int reserved[3];
    }
}

/// <summary>free is passed by value.</summary>
internal static partial class MissingPointer
{
    [LibraryImport("libcuda")]
    internal static partial CUresult cuMemGetInfo_v2(nuint free, out nuint total);
}

/// <summary>The new stream is passed by value: a handle and the pointer to one have the same type.</summary>
internal static partial class MissingOut
{
    [LibraryImport("libcuda")]
    internal static partial CUresult cuStreamCreate(nint phStream, CUstream_flags Flags);
}

/// <summary>The status is 8 bytes.</summary>
internal static partial class WrongReturn
{
    [LibraryImport("libcuda")]
    internal static partial nint cuCtxSynchronize();
}
