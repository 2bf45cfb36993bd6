namespace CudnnResNet.Training;

/// <summary>How fast this process trains, and from it how long the rest of a run will take.</summary>
internal sealed class RunSpeed(TrainingPlan plan, int judgedImages)
{
    /// <summary>Evaluation runs one pass where training runs three, until a measured epoch says better.</summary>
    private const double PassesOfTraining = 3;

    private long partStart;
    private double partSeconds;
    private double? betweenEpochs;

    /// <summary>Training alone, in this epoch and this process; 0 before anything was measured.</summary>
    public double ImagesPerSecond { get; private set; }

    /// <summary>Training begins, at the epoch's start or in its middle.</summary>
    /// <param name="images">Images of the epoch that are done already.</param>
    public void BeginPart(long images) => (partStart, partSeconds) = (images, -1);

    /// <summary>Takes a measurement.</summary>
    /// <param name="images">Images of the epoch that are done.</param>
    /// <param name="clock">Stopped or running.</param>
    public void Note(long images, RunClock clock)
    {
    }

    /// <summary>An epoch was trained, evaluated and saved.</summary>
    public void EndEpoch(RunClock clock) => betweenEpochs = clock.Epoch - clock.EpochTraining;

    /// <summary>Estimate of the time from a position to the end of the run.</summary>
    public TimeSpan Remaining(int epoch, int steps)
    {
        return TimeSpan.Zero;
    }
}
