// Trains a small network on images of one's own, in seconds:
//     dotnet run --project samples/TrainOwnData                    a new run, in ./runs
//     dotnet run --project samples/TrainOwnData -- --output DIR
//     dotnet run --project samples/TrainOwnData -- --resume RUN    goes on with one that was stopped
// Ctrl-C saves; nothing is lost.

using System.Globalization;
using CudnnResNet.Model;
using CudnnResNet.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};
try
{
    var data = Arrows.Draw(train: 2048, test: 400);
    // An arrow to the left that is mirrored is one to the right: NoFlip.
    var options = new TrainOptions { Depth = 8, Epochs = 5, BatchSize = 64, NoFlip = true, LogInterval = 8 };
    if (args is ["--output", var output]) options = options with { Output = output };
    using var trainer = args is ["--resume", var run] ? Trainer.Resume(run, data) : Trainer.Start(options, data);
    Console.WriteLine($"{trainer.Network.Architecture.Name} on {trainer.Network.DeviceDescription}");
    Console.WriteLine($"{trainer.Plan.Describe()}; {trainer.Folder.Path}");

    var result = await trainer.RunAsync(new Lines(), stop.Token);
    if (result.Interrupted)
    {
        Console.WriteLine($"interrupted after {result.StepsDone} of {trainer.Plan.TotalSteps} steps, saved; to go on: --resume {trainer.Folder.Path}");
        return 130;
    }

    // What the network has learnt is one file, with the names of the classes in it.
    using var predictor = Predictor.Load(trainer.Folder.LastWeightsFile);
    foreach (var prediction in predictor.Classify(data.Test.Pixels.AsSpan(0, 4 * 3072))) Console.WriteLine($"{prediction.Best.Name}, {prediction.Best.Probability:P1} sure");
    Console.WriteLine(result.Final!.Error < 0.1 ? $"ok: {result.Final.Describe()}" : $"wrong: {result.Final.Describe()}, expected below 10 %");
    return result.Final.Error < 0.1 ? 0 : 1;
}
catch (EngineException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}

/// <summary>A line for every report, written where the training goes on.</summary>
internal sealed class Lines : IProgress<TrainProgress>
{
    public void Report(TrainProgress value) => Console.WriteLine(value switch
    {
        StepProgress at => $"epoch {at.Epoch + 1}/{at.Epochs}, step {at.Step}/{at.Steps}: loss {at.Loss:F3}, {at.ImagesPerSecond:F0} images/s",
        EpochProgress { Row: var row } => $"epoch {row.Epoch + 1}: test error {row.TestError:P1}",
        Notice notice => notice.Text,
        _ => "",
    });
}
