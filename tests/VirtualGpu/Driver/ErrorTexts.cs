using System.Runtime.InteropServices;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Names and sentences for results, as C strings that stay valid.</summary>
internal static unsafe class ErrorTexts
{
    private static readonly Dictionary<string, nint> Strings = [];

    /// <summary>The C name; null for a number that is no result.</summary>
    public static byte* Name(CUresult result) => Enum.IsDefined(result) ? Lasting(result.ToString()) : null;

    /// <summary>What it means, and what the emulator knows about its last occurrence.</summary>
    public static byte* Sentence(CUresult result, string? mistake) =>
        Enum.IsDefined(result) ? Lasting(mistake is null ? Meaning(result) : $"{Meaning(result)}; the emulator says: {mistake}") : null;

    private static string Meaning(CUresult result) => result switch
    {
        CUresult.CUDA_SUCCESS => "no error",
        CUresult.CUDA_ERROR_INVALID_VALUE => "invalid argument",
        CUresult.CUDA_ERROR_OUT_OF_MEMORY => "out of memory",
        CUresult.CUDA_ERROR_NOT_INITIALIZED => "initialization error",
        CUresult.CUDA_ERROR_NO_DEVICE => "no CUDA-capable device is detected",
        CUresult.CUDA_ERROR_INVALID_DEVICE => "invalid device ordinal",
        CUresult.CUDA_ERROR_INVALID_IMAGE => "device kernel image is invalid",
        CUresult.CUDA_ERROR_INVALID_CONTEXT => "invalid device context",
        CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU => "no kernel image is available for execution on the device",
        CUresult.CUDA_ERROR_INVALID_PTX => "a PTX JIT compilation failed",
        CUresult.CUDA_ERROR_INVALID_HANDLE => "invalid resource handle",
        CUresult.CUDA_ERROR_ILLEGAL_STATE => "the operation cannot be performed in the present state",
        CUresult.CUDA_ERROR_NOT_FOUND => "named symbol not found",
        CUresult.CUDA_ERROR_NOT_READY => "device not ready",
        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS => "an illegal memory access was encountered",
        CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES => "too many resources requested for launch",
        CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED => "context is destroyed",
        CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION => "an illegal instruction was encountered",
        CUresult.CUDA_ERROR_MISALIGNED_ADDRESS => "misaligned address",
        CUresult.CUDA_ERROR_LAUNCH_FAILED => "unspecified launch failure",
        CUresult.CUDA_ERROR_NOT_SUPPORTED => "operation not supported",
        CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED => "operation not permitted when stream is capturing",
        CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED => "operation failed due to a previous error during capture",
        CUresult.CUDA_ERROR_STREAM_CAPTURE_ISOLATION => "dependency created on uncaptured work in another stream",
        CUresult.CUDA_ERROR_CAPTURED_EVENT => "operation not permitted on an event last recorded in a capturing stream",
        CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD => "attempt to terminate a thread-local capture sequence from another thread",
        _ => "unknown error",
    };

    /// <summary>A C string that is never freed, so that callers may keep the pointer.</summary>
    public static byte* Lasting(string text)
    {
        if (!Strings.TryGetValue(text, out nint made)) Strings[text] = made = Marshal.StringToCoTaskMemUTF8(text);
        return (byte*)made;
    }
}
