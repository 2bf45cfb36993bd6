using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace CudnnResNet.Peers.Torch;

/// <summary>What libtorch says of itself.</summary>
internal static partial class Libtorch
{
    /// <summary>The instructions its own kernels are dispatched to: <c>AVX2</c>, <c>AVX512</c>; null where it cannot be asked.</summary>
    /// <remarks>
    /// The text of at::show_config(), which PyTorch prints as torch.__config__.show() and TorchSharp does not offer. A C++ function that
    /// returns a std::string writes pointer and length to the place it is given, so it can be called only where the compiler's
    /// conventions are known: Linux.
    /// </remarks>
    public static unsafe string? Capability()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libtorch_cpu.so", typeof(Libtorch).Assembly, null, out nint library)
            || !NativeLibrary.TryGetExport(library, "_ZN2at11show_configB5cxx11Ev", out nint function)) return null;
        nint* text = stackalloc nint[4]; // a std::string: pointer, length, room for short texts; its memory is left to the process's end
        ((delegate* unmanaged<nint*, nint*>)function)(text);
        var match = CapabilityLine().Match(Marshal.PtrToStringUTF8(text[0], (int)text[1]));
        return match.Success ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"CPU capability usage: (\S+)")]
    private static partial Regex CapabilityLine();
}
