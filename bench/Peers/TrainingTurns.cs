using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>A side that can train, asleep unless one of these is being called.</summary>
internal interface ITrainingSide : IDisposable
{
    /// <summary>Processor time used since its start.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Reads the data and builds the network.</summary>
    /// <returns>Name and version of the library.</returns>
    /// <exception cref="PeerException">It cannot.</exception>
    string GetReady();

    /// <summary>Trains one epoch and evaluates the network.</summary>
    /// <exception cref="PeerException">It cannot, or its process has ended.</exception>
    Epoch TrainEpoch();
}

/// <summary>What a side's training has come to so far.</summary>
/// <param name="side">What people call it.</param>
internal sealed class TrainingRun(string side)
{
    /// <summary>What people call it.</summary>
    public string Side { get; } = side;

    /// <summary>Name and version of the library; null before it is ready.</summary>
    public string? Version { get; set; }

    /// <summary>The epochs that are over.</summary>
    public List<Epoch> Epochs { get; } = [];

    /// <summary>Why there are no more epochs, or null.</summary>
    public string? Problem { get; set; }

    /// <summary>Seconds of processor time that it used between its turns: next to nothing, or it has disturbed the others.</summary>
    public double SecondsUsedAsleep { get; set; }

    /// <summary>The first epoch after which this fraction of the test images was right, or null.</summary>
    public Epoch? FirstWith(double accuracy) => Epochs.FirstOrDefault(epoch => 1 - epoch.TestError >= accuracy);
}

/// <summary>Lets several sides train on one machine, an epoch each in turn: what disturbs the machine for an hour then falls on all of them.</summary>
/// <param name="epochs">Epochs of a whole training.</param>
/// <param name="enough">Whether a side may stop before that.</param>
/// <param name="beginTurn">Makes sure that nothing else is timed until what it returns is disposed of.</param>
/// <param name="afterEpoch">Told of a run that has one epoch more, or a problem.</param>
internal sealed class TrainingTurns(int epochs, Func<TrainingRun, bool> enough, Func<IDisposable> beginTurn, Action<TrainingRun> afterEpoch)
{
    /// <summary>Trains all sides. One that fails is left out from then on, with its reason in its run.</summary>
    /// <param name="runs">Filled in.</param>
    /// <param name="open">Starts the process of a run's side; a <see cref="PeerException"/> is that side's problem.</param>
    public void Train(IReadOnlyList<TrainingRun> runs, Func<TrainingRun, ITrainingSide> open)
    {
        var training = runs.Select(run => new Participant(run)).ToList();
        try
        {
            foreach (var participant in training)
            {
                using var turn = beginTurn();
                participant.Try(() => participant.Open(open));
                if (participant.Run.Problem is not null) afterEpoch(participant.Run);
            }
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                for (int i = 0; i < training.Count; i++)
                {
                    // Each epoch begins with another side, so that a machine that gets slower and slower favours none.
                    var participant = training[(epoch + i) % training.Count];
                    if (participant.Run.Problem is not null || enough(participant.Run)) continue;
                    using (beginTurn()) participant.Try(participant.TrainEpoch);
                    afterEpoch(participant.Run);
                }
            }
        }
        finally
        {
            foreach (var participant in training) participant.Dispose();
        }
    }

    /// <summary>A run and its side.</summary>
    private sealed class Participant(TrainingRun run) : IDisposable
    {
        private ITrainingSide? side;
        private TimeSpan usedBefore;

        public TrainingRun Run { get; } = run;

        public void Open(Func<TrainingRun, ITrainingSide> open)
        {
            side = open(Run);
            Run.Version = side.GetReady();
            usedBefore = side.ProcessorTime;
        }

        public void TrainEpoch()
        {
            Run.SecondsUsedAsleep += Math.Max(0, (side!.ProcessorTime - usedBefore).TotalSeconds);
            Run.Epochs.Add(side.TrainEpoch());
            usedBefore = side.ProcessorTime;
        }

        public void Try(Action action)
        {
            try
            {
                action();
            }
            catch (PeerException error)
            {
                Run.Problem = error.Message;
                Dispose();
            }
        }

        public void Dispose()
        {
            side?.Dispose();
            side = null;
        }
    }
}
