namespace CudnnResNet.Training;

/// <summary>Something a run reports while it goes on: <see cref="StepProgress"/>, <see cref="EpochProgress"/> or <see cref="Notice"/>.</summary>
/// <remarks>
/// Reported on the training thread, in order; training waits until the report returns, and what it throws ends the run. Where there is a
/// synchronisation context (a desktop app's), a <see cref="Progress{T}"/> made on the user interface's thread brings the reports there, in
/// order. Elsewhere it would hand them to the thread pool and mix them up: implement <see cref="IProgress{T}"/> directly.
/// </remarks>
public abstract record TrainProgress;

/// <summary>
/// Where a run is inside an epoch; every <see cref="TrainOptions.LogInterval"/> steps and after the epoch's last step. A device that runs
/// behind the host is not stopped for it: the report comes when the device has done those steps.
/// </summary>
/// <param name="Epoch">0-based.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps of this epoch.</param>
/// <param name="LearningRate">The rate of the last step done.</param>
/// <param name="Loss">Mean cross-entropy since the epoch began, in nats.</param>
/// <param name="Error">Fraction wrong since the epoch began, 0..1.</param>
/// <param name="ImagesPerSecond">Training alone, since the epoch began or this process started; NaN where the device is an emulator.</param>
/// <param name="Remaining">Estimate of the time to the end of the run.</param>
public sealed record StepProgress(
    int Epoch, int Epochs, int Step, int Steps, double LearningRate, double Loss, double Error, double ImagesPerSecond, TimeSpan Remaining) : TrainProgress;

/// <summary>An epoch is over, evaluated and saved.</summary>
/// <param name="Row">What the epoch came to, as in <c>summary.csv</c>.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="IsBest">Whether no epoch before it had so few errors.</param>
/// <param name="Remaining">Estimate of the time to the end of the run.</param>
public sealed record EpochProgress(SummaryRow Row, int Epochs, bool IsBest, TimeSpan Remaining) : TrainProgress;

/// <summary>One line that a user should see.</summary>
/// <param name="Text">Without a line end.</param>
public sealed record Notice(string Text) : TrainProgress;

/// <summary>What a call of <see cref="Trainer.Run"/> came to.</summary>
/// <param name="Interrupted">True: cancelled; the checkpoint is saved and the run can be resumed.</param>
/// <param name="EpochsDone">Epochs that are over.</param>
/// <param name="StepsDone">Steps since the start of the run.</param>
/// <param name="Final">The last epoch's weights on the test images; null where no epoch is over or the run was interrupted.</param>
/// <param name="BestError">The smallest error after any epoch, on the test images or those held back; null where no epoch is over.</param>
/// <param name="BestEpoch">Its epoch, 0-based.</param>
/// <param name="Elapsed">Time of the run, that of earlier processes included.</param>
/// <param name="ImagesPerSecond">Training alone, over the whole run; NaN where the device is an emulator.</param>
/// <param name="WeightsSha256">Hash of the weights as they are now.</param>
/// <param name="Written">Files of the run folder that exist now, by full path.</param>
public sealed record TrainResult(
    bool Interrupted, int EpochsDone, long StepsDone, Evaluation? Final, double? BestError, int? BestEpoch,
    TimeSpan Elapsed, double ImagesPerSecond, string WeightsSha256, IReadOnlyList<string> Written);
