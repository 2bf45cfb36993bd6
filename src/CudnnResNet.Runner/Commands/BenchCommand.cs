using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>How many images a second this machine trains or classifies, and how near that is to what its cores can do.</summary>
internal sealed class BenchCommand() : RunnerCommand("bench", "Measure images per second of training or inference",
    """
    bench --depth 20
    bench --depth 20 --profile
    bench --depth 56 --mode infer --threads 1 --json
    bench --depth 20 --mode infer --callers 8
    """,
    CommonSettings.Depth, CommonSettings.Arch, CommonSettings.Shortcut, CommonSettings.Model, CommonSettings.BatchSize, CommonSettings.Device, CommonSettings.Threads, CommonSettings.Precision, CommonSettings.NoGraph, Mode, Steps, CallerThreads, CommonSettings.Profile, CommonSettings.Trace, CommonSettings.TraceSteps, CommonSettings.CudaProfilerRange)
{
    private static readonly Setting<BenchMode> Mode = new("--mode", "NAME", "train (whole steps), infer, load (augmentation), latency (one image) or checks (what looking for NaN costs) (default train)", ValueText.OneOf<BenchMode>());
    private static readonly Setting<int> Steps = new("--steps", "N", "Steps to time (default 20; load and latency 200)", ValueText.Whole);

    private static readonly Setting<int> CallerThreads = new("--callers", "N", "infer: threads that call one predictor at the same time, against one thread and one network", ValueText.Whole);

    protected override int Run(SettingReader settings, Report report) => TraceFile.Run(settings, report, trace => Measure(settings, report, trace));

    private static int Measure(SettingReader settings, Report report, TraceRecorder? trace)
    {
        var architecture = CommonSettings.Network(settings);
        var mode = settings.Get(Mode, BenchMode.Train);
        int steps = settings.Get(Steps, mode is BenchMode.Load or BenchMode.Latency ? 200 : 20);
        if (steps is < 1 or > 100_000) throw new InvalidSettingException($"--steps {steps} is not within 1..100000");
        int batchSize = settings.Get(CommonSettings.BatchSize, mode == BenchMode.Latency ? 1 : 128);
        if (mode == BenchMode.Latency && batchSize != 1) throw new InvalidSettingException($"--batch-size {batchSize} does not go with --mode latency, which takes one image at a time");

        if (settings.TryGet(CallerThreads, out int callers))
        {
            if (mode != BenchMode.Infer) throw new InvalidSettingException($"--callers {callers} goes with --mode infer, not with {Word(mode)}");
            BenchComparisons.Callers(architecture, CommonSettings.DeviceOf(settings), settings.Get(CommonSettings.BatchSize, 1), callers, steps, report);
            return ExitCode.Done;
        }
        if (mode == BenchMode.Checks)
        {
            BenchComparisons.Checks(architecture, new() { Device = CommonSettings.DeviceOf(settings), BatchSize = batchSize }, steps, report);
            return ExitCode.Done;
        }
        using var network = new ResNet(architecture, new()
        {
            Device = CommonSettings.DeviceOf(settings),
            BatchSize = batchSize,
            Training = mode is BenchMode.Train or BenchMode.Load,
            Profile = settings.Has(CommonSettings.Profile),
            Trace = trace,
            CudaProfilerRange = CommonSettings.CapturedSteps(settings),
        });
        if (network.IsEmulated) throw new InvalidSettingException($"bench measures speed, and {network.DeviceDescription} is an emulator, not hardware");
        report.Field("device", network.DeviceDescription);
        report.Field("network", $"{architecture.Name}, batch {batchSize}, {Word(mode)}; random pixels, reading files left out");
        var run = BenchRun.Measure(network, mode, steps);
        double? peak = mode == BenchMode.Load ? null : network.MeasurePeak();
        if (network.Options.Profile) ProfileTable.Write(network, report);
        Write(network, mode, run, peak, report);
        return ExitCode.Done;
    }

    private static void Write(ResNet network, BenchMode mode, BenchRun run, double? peak, Report report)
    {
        double images = network.Options.BatchSize, fastest = run.Seconds.Min(), slowest = run.Seconds.Max();
        double? direct = Gflops(op => op.MultiplyAdds), executed = Gflops(op => op.ExecutedMultiplyAdds), peakGflops = peak * 1e-9;
        long memory = Process.GetCurrentProcess().PeakWorkingSet64;

        if (network.Options.Profile) report.Line();
        report.Field("steps", Words.Text($"{run.Seconds.Length} timed, median {Milliseconds(run.Median)}, fastest {Milliseconds(fastest)}, slowest {Milliseconds(slowest)}"));
        report.Field("start", Words.Text($"first step done {run.FirstStepSeconds:F2} s after the program's start"));
        report.Field("memory", Words.Text($"{Words.Count(run.BytesPerStep)} bytes allocated per step, peak {memory / 1e6:F0} MB"));
        if (executed is not null && peakGflops is not null)
            report.Field("peak", Words.Text($"{executed:F1} GFLOP/s executed, {100 * executed / peakGflops:F1} % of the {peakGflops:F1} that these threads reach in registers"));
        string rate = Words.Text($"{images / run.Median:F0} images/s (median; {images / slowest:F0} to {images / fastest:F0})");
        report.Result(mode == BenchMode.Latency ? $"{Milliseconds(run.Median)} for one image (median; {Milliseconds(fastest)} to {Milliseconds(slowest)})"
            : direct is null ? rate
            : Words.Text($"{rate}, {direct:F1} GFLOP/s as direct convolution counts them"));
        report.Record("bench", new()
        {
            ["network"] = network.Architecture.Name,
            ["mode"] = Word(mode),
            ["device"] = network.DeviceDescription,
            ["batch_size"] = network.Options.BatchSize,
            ["steps"] = run.Seconds.Length,
            ["images_per_second"] = images / run.Median,
            ["images_per_second_min"] = images / slowest,
            ["images_per_second_max"] = images / fastest,
            ["seconds_per_step"] = run.Median,
            ["gflops_direct"] = direct,
            ["gflops_executed"] = executed,
            ["peak_gflops"] = peakGflops,
            ["percent_of_peak"] = 100 * executed / peakGflops,
            ["bytes_per_step"] = run.BytesPerStep,
            ["first_step_seconds"] = run.FirstStepSeconds,
            ["peak_memory_bytes"] = memory,
        });

        // Augmentation alone multiplies nothing worth counting.
        double? Gflops(Func<OpWork, long> multiplyAdds) => mode == BenchMode.Load ? null : 2e-9 * network.Ops().Sum(multiplyAdds) * images / run.Median;
    }

    private static string Milliseconds(double seconds) => Words.Text($"{seconds * 1e3:F2} ms");

    private static string Word(BenchMode mode) => mode.ToString().ToLowerInvariant();
}
