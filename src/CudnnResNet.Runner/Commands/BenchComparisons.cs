using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Commands;

/// <summary>The parts of <c>bench</c> that measure alternatives in turn.</summary>
internal static class BenchComparisons
{
    /// <summary>Calls of each alternative in each round, over all callers: of single images so many that a round takes a good part of a second.</summary>
    private static int CallsOf(int batchSize) => Math.Max(64, 1024 / batchSize);

    /// <summary>Training steps with and without looking for what is not finite.</summary>
    public static void Checks(ArchitectureSpec architecture, NetworkOptions options, int rounds, Report report)
    {
        using ResNet with = new(architecture, options), without = new(architecture, options with { ChecksUpdates = false });
        if (with.DeviceKind != DeviceKind.Cpu) throw new InvalidSettingException($"--mode checks needs the cpu device, which alone can do without its checks; this one is {with.DeviceDescription}");
        var (pixels, labels) = BenchRun.RandomImages(architecture, options.BatchSize);
        using DeviceImages imagesWith = Begin(with), imagesWithout = Begin(without);
        report.Field("device", with.DeviceDescription);
        report.Field("network", $"{architecture.Name}, batch {options.BatchSize}, training steps with and without looking for NaN and infinities, in turn");
        var run = Interleaved.Measure(rounds, () => Step(with, imagesWith), () => Step(without, imagesWithout));
        Spread ratio = run.Ratio(0, over: 1), processor = run.ProcessorRatio(0, over: 1);
        report.Field("steps", Words.Text($"{rounds} pairs; median {run.Median(0) * 1e3:F2} ms with, {run.Median(1) * 1e3:F2} ms without"));
        report.Result(Words.Text($"{ratio.Median:F4} times the time of a step without (median; half of the pairs {ratio.LowerQuartile:F4} to {ratio.UpperQuartile:F4})"));
        report.Result(Words.Text($"{processor.Median:F4} times its processor time ({processor.LowerQuartile:F4} to {processor.UpperQuartile:F4}); --threads 1 keeps threads that wait for each other out of it"));
        report.Record("checks", new()
        {
            ["network"] = architecture.Name,
            ["device"] = with.DeviceDescription,
            ["batch_size"] = options.BatchSize,
            ["pairs"] = rounds,
            ["seconds_with"] = run.Median(0),
            ["seconds_without"] = run.Median(1),
            ["ratio"] = Json(ratio),
            ["processor_ratio"] = Json(processor),
        });

        DeviceImages Begin(ResNet network)
        {
            var images = network.LoadImages(pixels, labels);
            network.BeginEpoch(images, 0, [.. Enumerable.Range(0, labels.Length)], [0.001]);
            return images;
        }

        void Step(ResNet network, DeviceImages images) => network.TrainStep(images, 0, 0, options.BatchSize);
    }

    /// <summary>A predictor that is called by one thread and by several, and several that share one network.</summary>
    public static void Callers(ArchitectureSpec architecture, DeviceOptions device, int batchSize, int callers, int rounds, Report report)
    {
        if (callers is < 1 or > Predictor.MaxConcurrency) throw new InvalidSettingException($"--callers {callers} is not within 1..{Predictor.MaxConcurrency}");
        using var network = new ResNet(architecture, new() { Device = device, BatchSize = batchSize, Training = false });
        if (network.IsEmulated) throw new InvalidSettingException($"bench measures speed, and {network.DeviceDescription} is an emulator, not hardware");
        var options = new PredictorOptions { Device = device, BatchSize = batchSize };
        using Predictor pool = new(network, options), shared = new(network, options with { Concurrency = 1 });
        byte[] pixels = BenchRun.RandomImages(architecture, batchSize).Pixels;
        int calls = CallsOf(batchSize);
        report.Field("device", network.DeviceDescription);
        report.Field("network", $"{architecture.Name}, {Words.Count(calls)} calls of {batchSize} {(batchSize == 1 ? "image" : "images")} a round; random pixels");
        (string Name, Predictor Predictor, int Callers)[] alternatives =
        [
            ("1 caller", pool, 1),
            ($"{callers} callers", pool, callers),
            ($"{callers} callers, one network that each waits for", shared, callers),
        ];
        var run = Interleaved.Measure(rounds, [.. alternatives.Select(item => (Action)(() => Call(item.Predictor, item.Callers)))]);
        double images = (double)calls * batchSize;
        report.Field("rounds", Words.Text($"{rounds}, each alternative in turn; medians"));
        var rows = new JsonArray();
        for (int i = 0; i < alternatives.Length; i++)
        {
            var speed = run.Ratio(0, over: i);
            report.Result(Words.Text($"{images / run.Median(i),7:F0} images/s  {speed.Median:F2} times one caller ({speed.LowerQuartile:F2} to {speed.UpperQuartile:F2})  {alternatives[i].Name}"));
            rows.Add((JsonNode)new JsonObject { ["name"] = alternatives[i].Name, ["callers"] = alternatives[i].Callers, ["images_per_second"] = images / run.Median(i), ["times_one_caller"] = Json(speed) });
        }
        report.Record("callers", new() { ["network"] = architecture.Name, ["device"] = network.DeviceDescription, ["batch_size"] = batchSize, ["rounds"] = rounds, ["alternatives"] = rows });

        void Call(Predictor predictor, int callers)
        {
            var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
            {
                for (int call = caller; call < calls; call += callers) predictor.Logits(pixels);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
        }
    }

    private static JsonObject Json(Spread spread) => new() { ["median"] = spread.Median, ["lower_quartile"] = spread.LowerQuartile, ["upper_quartile"] = spread.UpperQuartile };
}
