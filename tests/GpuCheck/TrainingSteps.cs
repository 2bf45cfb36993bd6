using System.Diagnostics;
using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck;

/// <summary>Training steps of ResNet-20 with augmentation on drawn images, as <c>train</c> does them.</summary>
internal sealed class TrainingSteps : IDisposable
{
    private const double LearningRate = 0.01;
    private const int StepsBetweenWaits = 50;

    private readonly DeviceImages images;
    private readonly int batchSize;

    public TrainingSteps(DeviceOptions device, int batchSize, StepRange? capture = null)
    {
        this.batchSize = batchSize;
        Network = new(new(Architecture.ResNet, 20), new() { Device = device, BatchSize = batchSize, CudaProfilerRange = capture });
        try
        {
            var random = new Random(1);
            byte[] pixels = new byte[batchSize * Network.Architecture.Input.Size], labels = new byte[batchSize];
            random.NextBytes(pixels);
            for (int i = 0; i < batchSize; i++) labels[i] = (byte)random.Next(Network.Architecture.Classes);
            images = Network.LoadImages(pixels, labels);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    /// <summary>The network.</summary>
    public ResNet Network { get; }

    /// <summary>Runs steps and waits until they are done.</summary>
    /// <param name="most">How many.</param>
    /// <param name="time">No step begins after this time.</param>
    /// <returns>How many were run, and their time.</returns>
    public (int Steps, double Seconds) Run(int most, TimeSpan time)
    {
        Network.BeginEpoch(images, 0, [.. Enumerable.Range(0, batchSize)], [LearningRate]);
        Network.ResetTotals();
        long begun = Stopwatch.GetTimestamp();
        int steps = 0;
        while (steps < most && (steps == 0 || Stopwatch.GetElapsedTime(begun) < time))
        {
            Network.TrainStep(images, 0, 0, batchSize);
            steps++;
            // A device that runs behind the host would otherwise be given more than fits into the time.
            if (Network.IsEmulated || steps % StepsBetweenWaits == 0) Network.ReadTotals();
        }
        double loss = Network.ReadTotals().Loss;
        if (!double.IsFinite(loss)) throw new DivergedException($"after {steps} steps the loss is {loss}");
        return (steps, Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    /// <summary>Nothing but steps, for a profiler or a sanitizer to watch.</summary>
    public static int RunHere(CheckOptions options)
    {
        using var steps = new TrainingSteps(options.Device, options.BatchSize, options.Capture);
        steps.Run(options.Steps, TimeSpan.MaxValue);
        Console.WriteLine($"{options.Steps} steps on {steps.Network.DeviceDescription}: weights {steps.Network.State().Sha256()}");
        return ExitCode.Passed;
    }

    public void Dispose()
    {
        images.Dispose();
        Network.Dispose();
    }
}
