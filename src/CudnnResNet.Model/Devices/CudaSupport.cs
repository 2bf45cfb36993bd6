namespace CudnnResNet.Model.Devices;

/// <summary>What can be said about the cuda device before it exists.</summary>
public static class CudaSupport
{
    /// <summary>Why <c>--device cuda</c> cannot be used, in one line.</summary>
    public static string Missing => "the cuda device is not part of this version yet";
}
