using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Training;

namespace CudnnResNet.Peers;

/// <summary>This engine. Variants: <c>cpu</c>, and <c>reference</c> for logits.</summary>
internal sealed class OurPeer : IPeer
{
    public string Version { get; } = $"CudnnResNet {typeof(ResNet).Assembly.GetName().Version!.ToString(3)}";

    public IOpenWork Open(Work work) => OurWork.Open(work);

    public double[] Logits(Work work)
    {
        using var open = new StepWork(work);
        open.RunStep();
        return Array.ConvertAll(open.Logits, value => (double)value);
    }

    public void Train(TrainingRequest request, Func<bool> awaitTurn, Action<Epoch> report)
    {
        using var trainer = Trainer.Start(request.ToOptions(), request.LoadData());
        using var noMoreTurns = new CancellationTokenSource();
        if (awaitTurn()) trainer.Run(new EpochTurns(trainer.Plan.TrainImages, awaitTurn, report, noMoreTurns), noMoreTurns.Token);
    }

    /// <summary>The trainer's reports as the peers' words. The trainer waits while it reports, so this is where its side sleeps between two turns.</summary>
    private sealed class EpochTurns(int images, Func<bool> awaitTurn, Action<Epoch> report, CancellationTokenSource noMoreTurns) : IProgress<TrainProgress>
    {
        // Runs in this side's turns only, the first of which has begun; the trainer's own clock goes on between them.
        private readonly Stopwatch elapsed = Stopwatch.StartNew();
        private double trainingSeconds;

        public void Report(TrainProgress value)
        {
            if (value is not EpochProgress { Row: var row, Epochs: var epochs }) return;
            elapsed.Stop();
            // The row's speed is that of training alone, which has no pause in it.
            trainingSeconds += images / row.ImagesPerSecond;
            report(new(row.Epoch + 1, row.TrainLoss, row.TestError, trainingSeconds, elapsed.Elapsed.TotalSeconds));
            if (row.Epoch + 1 < epochs && !awaitTurn()) noMoreTurns.Cancel();
            elapsed.Start();
        }
    }
}
