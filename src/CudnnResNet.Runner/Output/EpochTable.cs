using CudnnResNet.Training;

namespace CudnnResNet.Runner.Output;

/// <summary>The table of a run: a head printed once, and a row for each epoch.</summary>
internal static class EpochTable
{
    private static readonly int[] Widths = [7, 8, 7, 9, 8, 7, 6, 7, 7];

    /// <summary>The head; a run on drawn images or an emulator says so in it, because tables get copied without their surroundings.</summary>
    /// <param name="marks">What it is to say, or nothing.</param>
    public static string Head(string marks) =>
        Join("epoch", "lr", "loss", "train_err", "test_err", "best", "img/s", "time", "eta") + (marks.Length > 0 ? $"  {marks}" : "");

    /// <summary>An epoch that is over; errors in percent, * marks a new best.</summary>
    public static string Row(EpochProgress epoch)
    {
        var row = epoch.Row;
        return Join($"{row.Epoch + 1}/{epoch.Epochs}", Words.Rate(row.LearningRate), Words.Text($"{row.TrainLoss:F4}"), Words.Percent(row.TrainError),
            Words.Percent(row.TestError), Words.Percent(row.BestTestError), Words.Speed(row.ImagesPerSecond),
            Words.Time(TimeSpan.FromSeconds(row.EpochSeconds)), Words.Time(epoch.Remaining)) + (epoch.IsBest ? " *" : "");
    }

    /// <summary>Where an epoch is, in the table's columns as far as they are known.</summary>
    public static string Within(StepProgress step) =>
        Join($"{step.Epoch + 1}/{step.Epochs}", Words.Rate(step.LearningRate), Words.Text($"{step.Loss:F4}"), Words.Percent(step.Error),
            "", "", Words.Speed(step.ImagesPerSecond), "", Words.Time(step.Remaining)) + $"  step {step.Step}/{step.Steps}";

    private static string Join(params string[] cells) => string.Join(' ', cells.Select((cell, i) => cell.PadLeft(Widths[i])));
}
