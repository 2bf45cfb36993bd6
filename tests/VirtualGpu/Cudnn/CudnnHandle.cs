using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Cudnn;

internal sealed class CudnnHandle(GpuContext context) : LibraryHandle("cuDNN handle", context)
{
    private readonly Dictionary<ulong, double> epsilons = [];

    /// <summary>Notes the epsilon of a batch norm by where its statistics are saved.</summary>
    public void NoteEpsilon(ulong savedMean, double epsilon) => epsilons[savedMean] = epsilon;

    /// <summary>Refuses a gradient with another epsilon than that of the batch norm which saved the statistics.</summary>
    public void CheckEpsilon(ulong savedMean, double epsilon) => Expect.That(
        epsilons.GetValueOrDefault(savedMean, epsilon) == epsilon, $"epsilon {epsilon}: the statistics at 0x{savedMean:x} were saved with {epsilons.GetValueOrDefault(savedMean)}");
}
