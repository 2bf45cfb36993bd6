namespace CudnnResNet.VirtualGpu;

/// <summary>A mistake that the emulator has caught; the call that meets it returns the code, and the text goes into the emulator's report.</summary>
internal sealed class DeviceFault(int code, string message) : Exception(message)
{
    /// <summary>The CUresult that the driver returns.</summary>
    public int Code { get; } = code;
}
