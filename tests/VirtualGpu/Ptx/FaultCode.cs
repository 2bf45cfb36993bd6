namespace CudnnResNet.VirtualGpu.Ptx;

/// <summary>The CUresults with which the PTX engine refuses a program or stops a kernel.</summary>
internal static class FaultCode
{
    public const int InvalidValue = 1, InvalidPtx = 218, IllegalInstruction = 715, MisalignedAddress = 716, LaunchFailed = 719;
}
