using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Torch;

internal static class Program
{
    private static int Main() => WorkerLoop.Run(() =>
    {
        NativeLibraries.MakeLoadable();
        return new TorchPeer();
    });
}
