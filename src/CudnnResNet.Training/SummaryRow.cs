using System.Globalization;

namespace CudnnResNet.Training;

/// <summary>One row of <c>summary.csv</c>: what an epoch came to.</summary>
/// <param name="Epoch">0-based.</param>
/// <param name="TrainLoss">Mean cross-entropy over the epoch's training images, in nats.</param>
/// <param name="TrainError">Fraction wrong, 0..1, counted as <see cref="TrainOptions.TrainError"/> says.</param>
/// <param name="TestError">Fraction of the test images (of those held back, in a run with validation) that were wrong, 0..1.</param>
/// <param name="LearningRate">The rate of the epoch's last step.</param>
/// <param name="TestLoss">Mean cross-entropy over the test images, in nats.</param>
/// <param name="BestTestError">The smallest TestError so far.</param>
/// <param name="ImagesPerSecond">Training alone; NaN, an empty cell, where the device is an emulator.</param>
/// <param name="EpochSeconds">Training, evaluation and saving of this epoch.</param>
/// <param name="ElapsedSeconds">Since the start of the run, time between processes left out.</param>
/// <param name="WeightsSha256">Hash of the weights after the epoch.</param>
public sealed record SummaryRow(
    int Epoch, double TrainLoss, double TrainError, double TestError, double LearningRate, double TestLoss, double BestTestError,
    double ImagesPerSecond, double EpochSeconds, double ElapsedSeconds, string WeightsSha256)
{
    /// <summary>The column names. The first four are those of the reference project.</summary>
    public const string Header = "epoch,train_loss,train_err,test_err,lr,test_loss,best_test_err,images_per_second,epoch_seconds,elapsed_seconds,weights_sha256";

    /// <summary>The column names of a run with images held back: nothing in it was counted on the test images.</summary>
    public const string ValidationHeader = "epoch,train_loss,train_err,val_err,lr,val_loss,best_val_err,images_per_second,epoch_seconds,elapsed_seconds,weights_sha256";

    /// <summary>The row as CSV (RFC 4180), without a line end; numbers in the shortest form that reads back as the same double.</summary>
    public string ToCsv() => string.Join(',', new[]
    {
        Epoch.ToString(CultureInfo.InvariantCulture), Text(TrainLoss), Text(TrainError), Text(TestError), Text(LearningRate), Text(TestLoss),
        Text(BestTestError), double.IsNaN(ImagesPerSecond) ? "" : Text(Math.Round(ImagesPerSecond, 1)), Text(Math.Round(EpochSeconds, 3)), Text(Math.Round(ElapsedSeconds, 3)), WeightsSha256,
    });

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
