namespace CudnnResNet.Training;

/// <summary>How fast this process trains, and from it how long the rest of a run will take.</summary>
/// <param name="plan">The run.</param>
/// <param name="judgedImages">Images that are evaluated after each epoch.</param>
internal sealed class RunSpeed(TrainingPlan plan, int judgedImages)
{
    // Evaluation runs the forward pass alone, about a third of a training step; used until an epoch has been measured.
    private const double StepsPerEvaluation = 1.0 / 3;

    private long imagesBefore;
    private double secondsBefore;
    private double? betweenEpochs;

    /// <summary>Training alone, in this epoch and this process, or in an earlier one where this has measured none; 0 before anything was measured.</summary>
    public double ImagesPerSecond { get; private set; }

    /// <summary>Training begins, at the epoch's start or in its middle.</summary>
    /// <param name="images">Images of the epoch that are done already.</param>
    /// <param name="clock">The run's clock.</param>
    public void Begin(long images, RunClock clock)
    {
        // What an earlier process did of the epoch: stopped after its last step, a run has none left to measure before it reports.
        Measure(images, clock);
        (imagesBefore, secondsBefore) = (images, clock.EpochTraining);
    }

    /// <summary>Takes a measurement.</summary>
    /// <param name="images">Images of the epoch that are done.</param>
    /// <param name="clock">The run's clock.</param>
    public void Measure(long images, RunClock clock)
    {
        double seconds = clock.EpochTraining - secondsBefore;
        if (images > imagesBefore && seconds > 0) ImagesPerSecond = (images - imagesBefore) / seconds;
    }

    /// <summary>An epoch was trained, evaluated and saved.</summary>
    public void EndEpoch(RunClock clock) => betweenEpochs = clock.Epoch - clock.EpochTraining;

    /// <summary>Estimate of the time from a number of steps done to the end of the run; zero before anything was measured.</summary>
    public TimeSpan Remaining(long stepsDone)
    {
        if (ImagesPerSecond == 0) return TimeSpan.Zero;
        double training = (plan.ImagesUpTo(plan.TotalSteps) - plan.ImagesUpTo(stepsDone)) / ImagesPerSecond;
        double between = betweenEpochs ?? judgedImages * StepsPerEvaluation / ImagesPerSecond;
        return TimeSpan.FromSeconds(training + (plan.Epochs - stepsDone / plan.StepsPerEpoch) * between);
    }
}
