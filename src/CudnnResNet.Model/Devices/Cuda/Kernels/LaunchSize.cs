namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>Sizes of the launches of <c>kernels/*.cu</c>.</summary>
internal static class LaunchSize
{
    /// <summary>Threads of a block of all kernels whose head says nothing else.</summary>
    public const int Block = 256;

    /// <summary>Neighbouring elements that a thread of these takes with one instruction.</summary>
    public const int Vector = 4;

    /// <summary>Blocks for so many threads.</summary>
    public static int Blocks(int threads, int block = Block) => (threads - 1) / block + 1;

    /// <summary>Threads for so many elements in a row.</summary>
    public static int Threads(int elements) => (elements - 1) / Vector + 1;
}
