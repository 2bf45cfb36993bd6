using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>A side's process that trains.</summary>
/// <exception cref="PeerException">The program has a problem.</exception>
internal sealed class TrainingChild(PeerProgram program, TrainingRequest request) : ITrainingSide
{
    private readonly Child child = new(program, request.Threads, new Dictionary<string, string>());

    public TimeSpan ProcessorTime => child.ProcessorTime;

    public string GetReady() => child.Ask(new(Command.Train) { Training = request }).Ready!;

    public Epoch TrainEpoch() => child.Ask(new(Command.Epoch)).Epoch!;

    public void Dispose() => child.Dispose();
}
