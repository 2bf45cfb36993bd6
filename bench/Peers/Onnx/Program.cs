using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Onnx;

internal static class Program
{
    private static int Main() => WorkerLoop.Run(() => new OnnxPeer());
}
