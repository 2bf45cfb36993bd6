namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Refusals of a PTX text.</summary>
internal static class PtxError
{
    /// <summary>The fault that refuses a line.</summary>
    public static DeviceFault At(int line, string message) => new(FaultCode.InvalidPtx, $"PTX line {line}: {message}");
}
