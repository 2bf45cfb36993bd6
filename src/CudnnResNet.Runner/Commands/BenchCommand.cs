using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>How many images a second this machine trains or classifies.</summary>
internal sealed class BenchCommand() : RunnerCommand("bench", "Measure images per second of training or inference",
    """
    bench --depth 20
    bench --depth 56 --mode infer --threads 1 --json
    """,
    CommonSettings.Depth, CommonSettings.Arch, CommonSettings.Shortcut, CommonSettings.Model, CommonSettings.BatchSize, CommonSettings.Device, CommonSettings.Threads, Mode, Steps)
{
    /// <summary>What is measured.</summary>
    internal enum BenchMode
    {
        /// <summary>Whole steps: augmentation, forward, backward, update.</summary>
        Train,

        /// <summary>Forward passes with the running statistics.</summary>
        Infer,
    }

    // The just-in-time compiler replaces hot methods some hundred milliseconds after their first calls; two seconds are past that.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private const int WarmUpSteps = 3;

    private static readonly Setting<BenchMode> Mode = new("--mode", "train|infer", "Whole training steps, or forward passes (default train)", ValueText.OneOf<BenchMode>());
    private static readonly Setting<int> Steps = new("--steps", "N", "Steps to time (default 20)", ValueText.Whole);

    protected override int Run(SettingReader settings, Report report)
    {
        var architecture = CommonSettings.Network(settings);
        bool training = settings.Get(Mode, BenchMode.Train) == BenchMode.Train;
        int steps = settings.Get(Steps, 20);
        if (steps is < 1 or > 100_000) throw new InvalidSettingException($"--steps {steps} is not within 1..100000");
        var options = new NetworkOptions { Device = CommonSettings.DeviceOf(settings), BatchSize = settings.Get(CommonSettings.BatchSize, 128), Training = training };

        using var network = new ResNet(architecture, options);
        string mode = training ? "train" : "infer";
        report.Field("device", network.DeviceDescription);
        report.Field("network", $"{architecture.Name}, batch {options.BatchSize}, {mode}; random pixels, data loading left out");
        var seconds = Measure(network, training, steps);

        long multiplyAdds = training ? architecture.TrainingMultiplyAdds : architecture.MultiplyAdds;
        double median = Median(seconds), fastest = seconds.Min(), slowest = seconds.Max();
        double images = options.BatchSize, gflops = 2e-9 * multiplyAdds * images / median;
        report.Field("steps", Words.Text($"{steps} timed, median {median * 1e3:F1} ms, fastest {fastest * 1e3:F1} ms, slowest {slowest * 1e3:F1} ms"));
        report.Result(Words.Text($"{images / median:F0} images/s (median; {images / slowest:F0} to {images / fastest:F0}), {gflops:F1} GFLOP/s as direct convolution counts them"));
        report.Record("bench", new()
        {
            ["network"] = architecture.Name,
            ["mode"] = mode,
            ["device"] = network.DeviceDescription,
            ["batch_size"] = options.BatchSize,
            ["steps"] = steps,
            ["images_per_second"] = images / median,
            ["images_per_second_min"] = images / slowest,
            ["images_per_second_max"] = images / fastest,
            ["seconds_per_step"] = median,
            ["gflops_direct"] = gflops,
        });
        return ExitCode.Done;
    }

    /// <summary>Seconds of each timed step.</summary>
    private static double[] Measure(ResNet network, bool training, int steps)
    {
        int n = network.Options.BatchSize;
        var random = new Random(1);
        var pixels = new byte[n * network.Architecture.Input.Size];
        random.NextBytes(pixels);
        var labels = new byte[n];
        for (int i = 0; i < n; i++) labels[i] = (byte)random.Next(network.Architecture.Classes);
        using var images = network.LoadImages(pixels, labels);
        if (training) network.BeginEpoch(images, 0, [.. Enumerable.Range(0, n)], [0.001]);

        long begin = Stopwatch.GetTimestamp();
        for (int step = 0; step < WarmUpSteps || Stopwatch.GetElapsedTime(begin) < WarmUp; step++) Once();

        var seconds = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            Once();
            seconds[step] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return seconds;

        void Once()
        {
            if (training) network.TrainStep(images, 0, 0, n);
            else network.Evaluate(images, 0, n);
            // A device that works asynchronously has to be finished, and the totals are what says so.
            network.ReadTotals();
        }
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
