using System.Diagnostics;

namespace CudnnResNet.Training;

/// <summary>The times of a run in seconds; they go on where an earlier process stopped.</summary>
internal sealed class RunClock
{
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly double earlier;
    private double epochStart, trainingBefore, epochTrainingBefore;
    private long? trainingSince;

    /// <summary>Starts the clock, at zero or at the times of a checkpoint.</summary>
    public RunClock(Checkpoint? from = null)
    {
        if (from is null) return;
        earlier = from.ElapsedSeconds;
        epochStart = from.ElapsedSeconds - from.EpochSeconds;
        trainingBefore = from.TrainingSeconds;
        epochTrainingBefore = from.EpochTrainingSeconds;
    }

    /// <summary>Of the whole run.</summary>
    public double Elapsed => earlier + Stopwatch.GetElapsedTime(start).TotalSeconds;

    /// <summary>Of this epoch.</summary>
    public double Epoch => Elapsed - epochStart;

    /// <summary>Of the whole run, in training steps alone.</summary>
    public double Training => trainingBefore + Since;

    /// <summary>Of this epoch, in training steps alone.</summary>
    public double EpochTraining => epochTrainingBefore + Since;

    /// <summary>Training steps begin, or go on.</summary>
    public void StartTraining() => trainingSince ??= Stopwatch.GetTimestamp();

    /// <summary>Training steps are over, or something else comes between them.</summary>
    public void StopTraining()
    {
        double seconds = Since;
        trainingSince = null;
        trainingBefore += seconds;
        epochTrainingBefore += seconds;
    }

    /// <summary>An epoch begins.</summary>
    public void NextEpoch()
    {
        epochStart = Elapsed;
        epochTrainingBefore = 0;
    }

    private double Since => trainingSince is { } since ? Stopwatch.GetElapsedTime(since).TotalSeconds : 0;
}
