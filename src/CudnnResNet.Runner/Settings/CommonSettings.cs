using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>The options that several commands share: one name, one meaning.</summary>
internal static class CommonSettings
{
    public static readonly Flag Json = new("--json", "One JSON object per line, for programs");
    public static readonly Flag Quiet = new("--quiet", "Only results and errors", "-q");
    public static readonly Flag Debug = new("--debug", "Show the stack trace of an error");

    public static readonly Setting<string> Config = new("--config", "FILE.json", "Options from a file: the same names; what is typed wins", ValueText.Text);

    public static readonly Setting<int> Depth = new("--depth", "N", "Weighted layers, 6n+2: 20, 32, 44, 56, 110 … (default 20)", ValueText.Whole);
    public static readonly Setting<Architecture> Arch = new("--arch", "resnet|plain", "With or without shortcuts (default resnet)", ValueText.OneOf<Architecture>());
    public static readonly Setting<ShortcutPadding> Shortcut = new("--shortcut", "NAME", "Option A's zero channels trailing or centred; reshape has none (default trailing)", ValueText.OneOf<ShortcutPadding>());
    public static readonly Setting<(Architecture Arch, int Depth)> Model = new("--model", "resnet32", "Architecture and depth in one word", ReadModel);

    public static readonly Setting<string> Device = new("--device", "NAME", "auto, cpu, cuda, cuda:N or reference (default auto)", text => DeviceOptions.Parse(text) is { } ? text.ToLowerInvariant() : text);
    public static readonly Setting<int> Threads = new("--threads", "N", "Threads of the cpu device; results do not depend on it (default all)", ValueText.Whole, "-j");
    public static readonly Setting<Precision> Precision = new("--precision", "NAME", "fp32, or tf32: cuda's tensor cores (default fp32)", ValueText.OneOf<Precision>());
    public static readonly Setting<int> BatchSize = new("--batch-size", "N", "Images in one step (default 128)", ValueText.Whole, "-b");
    public static readonly Flag Profile = new("--profile", "Time every op: share, GFLOP/s, GB/s (docs/profiling.md)");
    public static readonly Setting<string> Trace = new("--trace", "FILE.json", "Record a timeline for ui.perfetto.dev (docs/profiling.md)", ValueText.Text);
    public static readonly Setting<StepRange> TraceSteps = new("--trace-steps", "A:B", "Steps of which --trace records the ops (default 10:30)", ValueText.Steps);
    public static readonly Setting<StepRange> CudaProfilerRange = new("--cuda-profiler-range", "A:B", "Steps between cuProfilerStart and cuProfilerStop (cuda)", ValueText.Steps);
    public static readonly Flag NoGraph = new("--no-graph", "cuda: every kernel by itself, not a step as one graph (for tools)");
    public static readonly Setting<ulong> Seed = new("--seed", "N", "Seed of weights, order, crops and flips (default 1)", ValueText.Unsigned);
    public static readonly Setting<string> Weights = new("--weights", "FILE", "Weights: .safetensors, or PyTorch's .pt, .pth, .th", ValueText.Text);

    public static readonly Setting<string> Data = new("--data", "DIR", "CIFAR-10's folder (else CIFAR10_DIR, ./data, the user's cache)", ValueText.Text, "--data-dir");
    public static readonly Flag Offline = new("--offline", "Never download");

    /// <summary>What every command understands.</summary>
    public static readonly Setting[] Everywhere = [Json, Quiet, Debug];

    /// <summary>The network that --model, --arch, --depth and --shortcut describe.</summary>
    /// <exception cref="InvalidSettingException">They contradict each other, or there is no such network.</exception>
    public static ArchitectureSpec Network(SettingReader settings)
    {
        var arch = Architecture.ResNet;
        int depth = 20;
        bool model = settings.TryGet(Model, out (Architecture Arch, int Depth) named);
        if (model) (arch, depth) = named;
        if (settings.TryGet(Arch, out var typedArch))
        {
            if (model && typedArch != arch) throw new InvalidSettingException($"--model {Word(arch)}{depth} contradicts --arch {Word(typedArch)}");
            arch = typedArch;
        }
        if (settings.TryGet(Depth, out int typedDepth))
        {
            if (model && typedDepth != depth) throw new InvalidSettingException($"--model {Word(arch)}{depth} contradicts --depth {typedDepth}");
            depth = typedDepth;
        }
        return new(arch, depth, settings.Get(Shortcut, ShortcutPadding.Trailing));
    }

    /// <summary>The device that --device, --threads and --precision describe.</summary>
    public static DeviceOptions DeviceOf(SettingReader settings)
    {
        var device = DeviceOptions.Parse(settings.Get(Device, "auto"));
        device = device with { Graph = !settings.Has(NoGraph) };
        if (settings.TryGet(Precision, out var precision)) device = device with { Precision = precision };
        return settings.TryGet(Threads, out int threads) ? device with { Threads = threads } : device;
    }

    /// <summary>The steps of --cuda-profiler-range, or null.</summary>
    public static StepRange? CapturedSteps(SettingReader settings) => settings.TryGet(CudaProfilerRange, out var range) ? range : null;

    private static string Word(Architecture arch) => arch.ToString().ToLowerInvariant();

    private static (Architecture Arch, int Depth) ReadModel(string text)
    {
        foreach (var arch in Enum.GetValues<Architecture>())
        {
            if (text.StartsWith(Word(arch), StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(Word(arch).Length).TrimStart('-'), out int depth))
                return (arch, depth);
        }
        throw new FormatException("is not resnetN or plainN, such as resnet32");
    }
}
