namespace CudnnResNet.Runner.Reporting;

/// <summary>What an epoch of a run came to; null where the run's file does not say.</summary>
/// <param name="Epoch">0-based.</param>
/// <param name="TrainLoss">Cross-entropy in nats: the epoch's mean in our own files, that of its last mini-batch in the reference project's.</param>
/// <param name="TrainError">Fraction wrong, 0..1.</param>
/// <param name="TestError">Fraction of the test images (of those held back, in a run with validation) that were wrong, 0..1.</param>
/// <param name="TestLoss">Mean cross-entropy over the same images, in nats.</param>
/// <param name="LearningRate">The rate of the epoch's last step.</param>
/// <param name="ImagesPerSecond">Training alone; null on an emulator, whose times say nothing.</param>
internal sealed record ReportEpoch(
    int Epoch, double TrainError, double TestError, double? TrainLoss = null, double? TestLoss = null, double? LearningRate = null, double? ImagesPerSecond = null);
