using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>Turns a status into an exception that names the call, which the compiler tells us, and its operands.</summary>
internal static unsafe class Calls
{
    public static void Check(CUresult status, [InterpolatedStringHandlerArgument(nameof(status))] ref OperandText operands, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CUresult.CUDA_SUCCESS) Throw(status, operands.ToString(), call);
    }

    public static void Check(cudnnStatus_t status, [InterpolatedStringHandlerArgument(nameof(status))] ref OperandText operands, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != cudnnStatus_t.CUDNN_STATUS_SUCCESS) Throw(status, operands.ToString(), call);
    }

    public static void Check(cublasStatus_t status, [InterpolatedStringHandlerArgument(nameof(status))] ref OperandText operands, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != cublasStatus_t.CUBLAS_STATUS_SUCCESS) Throw(status, operands.ToString(), call);
    }

    /// <summary>What is known about a failed call of the driver.</summary>
    public static NativeFailure Describe(CUresult status, string operands, string call)
    {
        string name = CudaName(status);
        string detail = Driver.cuGetErrorString(status, out byte* text) == CUresult.CUDA_SUCCESS ? Utf8(text) : "";
        return new(Function(call), (int)status, name, operands, detail, Advice.For(status));
    }

    /// <summary>A C string, or "" for null.</summary>
    public static string Utf8(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    [DoesNotReturn, StackTraceHidden]
    private static void Throw(CUresult status, string operands, string call) => throw new CudaException(Describe(status, operands, call));

    [DoesNotReturn, StackTraceHidden]
    private static void Throw(cudnnStatus_t status, string operands, string call) =>
        throw new CudnnException(new(Function(call), (int)status, CudnnName(status), operands, LastCudnnError(), Advice.For(status)));

    [DoesNotReturn, StackTraceHidden]
    private static void Throw(cublasStatus_t status, string operands, string call) =>
        throw new CublasException(new(Function(call), (int)status, CublasName(status), operands, Utf8(Cublas.cublasGetStatusString(status)), Advice.For(status)));

    private static string CudaName(CUresult status) =>
        Driver.cuGetErrorName(status, out byte* text) == CUresult.CUDA_SUCCESS ? Utf8(text) : $"CUDA error {(uint)status}";

    private static string CudnnName(cudnnStatus_t status) => Utf8(Cudnn.cudnnGetErrorString(status)) is { Length: > 0 } name ? name : $"cuDNN status {(uint)status}";

    private static string CublasName(cublasStatus_t status) => Utf8(Cublas.cublasGetStatusName(status)) is { Length: > 0 } name ? name : $"cuBLAS status {(uint)status}";

    // New in cuDNN 9: why, in words, of this thread's last failure.
    private static string LastCudnnError()
    {
        if (!ImportResolver.Has(NativeLibraryKind.Cudnn, nameof(Cudnn.cudnnGetLastErrorString))) return "";
        Span<byte> text = stackalloc byte[1024];
        text.Clear();
        fixed (byte* message = text)
        {
            Cudnn.cudnnGetLastErrorString(message, (nuint)text.Length);
            return Utf8(message).Trim();
        }
    }

    // "cuMemAlloc_v2(out ulong address, size)" is the call's text in our source.
    private static string Function(string call)
    {
        int arguments = call.IndexOf('(', StringComparison.Ordinal);
        string name = arguments < 0 ? call : call[..arguments];
        return name[(name.LastIndexOf('.') + 1)..];
    }
}
