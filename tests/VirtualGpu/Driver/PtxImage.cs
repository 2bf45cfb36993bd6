using System.Runtime.InteropServices;
using System.Text;
using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>What cuModuleLoadDataEx is given: PTX text, and where the compiler's words are to go.</summary>
internal static unsafe class PtxImage
{
    private const uint InfoLog = 3;
    private const uint InfoLogBytes = 4;
    private const uint ErrorLog = 5;
    private const uint ErrorLogBytes = 6;

    /// <summary>Reads and checks the text.</summary>
    /// <param name="image">The text, zero-terminated.</param>
    /// <param name="capability">The device's compute capability, ten times.</param>
    /// <exception cref="DeviceFault">It is no PTX, for a newer device, or wrong.</exception>
    public static PtxModule Parse(byte* image, int capability)
    {
        string text = Marshal.PtrToStringUTF8((nint)image) ?? "";
        if (!text.Contains(".version", StringComparison.Ordinal)) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_IMAGE, "the image is no PTX text, and the emulator takes nothing else");
        int target = Target(text);
        if (target > capability) throw new DeviceFault((int)CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, $"the PTX is for sm_{target}, and the device is sm_{capability}");
        return PtxModule.Parse(text);
    }

    /// <summary>Writes the compiler's words into the caller's log, and how many bytes they are in the place of its size.</summary>
    public static void WriteLog(string words, uint numOptions, uint* options, void** optionValues)
    {
        Write(words, ErrorLog, ErrorLogBytes, numOptions, options, optionValues);
        Write("", InfoLog, InfoLogBytes, numOptions, options, optionValues);
    }

    private static void Write(string words, uint logOption, uint sizeOption, uint numOptions, uint* options, void** optionValues)
    {
        var given = new ReadOnlySpan<uint>(options, (int)numOptions);
        int log = given.IndexOf(logOption);
        int size = given.IndexOf(sizeOption);
        if (log < 0 || size < 0) return;
        int room = (int)(uint)(nuint)optionValues[size];
        if (room == 0 || optionValues[log] is null) return;
        byte[] bytes = Encoding.UTF8.GetBytes(words);
        int written = Math.Min(bytes.Length, room - 1);
        bytes.AsSpan(0, written).CopyTo(new Span<byte>(optionValues[log], room));
        ((byte*)optionValues[log])[written] = 0;
        optionValues[size] = (void*)(nuint)(written == 0 ? 0 : written + 1);
    }

    // ".target sm_70, debug"
    private static int Target(string text)
    {
        const string Mark = ".target sm_";
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0) throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_PTX, "the PTX names no .target");
        int end = at + Mark.Length;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        return int.TryParse(text.AsSpan(at + Mark.Length, end - at - Mark.Length), out int number) ? number : throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_PTX, "the PTX names no .target");
    }
}
