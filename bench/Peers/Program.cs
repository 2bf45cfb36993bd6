using System.CommandLine;
using CudnnResNet.Peers.Worker;
using CommandLine = CudnnResNet.Runner.CommandLine;

namespace CudnnResNet.Peers;

internal static class Program
{
    /// <summary>The word that makes this program a worker, our side of the comparison.</summary>
    public const string WorkerWord = "worker";

    private static int Main(string[] args) => args is [WorkerWord] ? WorkerLoop.Run(() => new OurPeer()) : CommandLine.Run(args, Commands, "speed");

    private static RootCommand Commands()
    {
        var root = new RootCommand("Times this engine against libtorch and ONNX Runtime, in turns, on this machine. No command means speed.") { HelpName = "dotnet run --project bench/Peers --" };
        root.Add(new SpeedCommand());
        root.Add(new AccuracyCommand());
        root.Add(new ScalingCommand());
        return root;
    }
}
