using System.Globalization;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Settings;

/// <summary>The options of <c>train</c>, and how they become a library's <see cref="TrainOptions"/>.</summary>
internal static class TrainSettings
{
    public static readonly Setting<string> Dataset = new("--dataset", "NAME", "auto (CIFAR-10, else synthetic), cifar10 or synthetic (default auto)", ValueText.Text);
    public static readonly Setting<Recipe> Recipe = new("--recipe", "NAME", "auto (cuda paper, cpu fast, synthetic demo), paper, fast or demo", ValueText.OneOf<Recipe>());
    public static readonly Setting<int> Epochs = new("--epochs", "N", "Passes over the training images; instead of --iterations", ValueText.Whole, "-e");
    public static readonly Setting<long> Iterations = new("--iterations", "N", "Steps; instead of --epochs", text => ValueText.Whole(text));
    public static readonly Setting<double> Lr = new("--lr", "X", "Learning rate: the first, or a one-cycle's highest (paper 0.1)", ValueText.Number);
    public static readonly Setting<double> Momentum = new("--momentum", "X", "SGD's momentum (default 0.9)", ValueText.Number);
    public static readonly Setting<double> WeightDecay = new("--weight-decay", "X", "SGD's weight decay (paper 1e-4)", ValueText.Number, "--wd");
    public static readonly Setting<IReadOnlyList<long>> Milestones = new("--milestones", "N,N", "Iterations at which the rate drops (paper 32000,48000)", ValueText.WholeList);
    public static readonly Setting<double> Gamma = new("--gamma", "X", "Factor at each milestone (paper 0.1)", ValueText.Number);
    public static readonly Setting<double> WarmupLr = new("--warmup-lr", "X", "Rate until the training error is below 80 % (0.01 from 110 layers)", ValueText.Number);
    public static readonly Setting<string> Normalize = new("--normalize", "NAME", "channel, pixel (the paper's) or reference (default channel)", ValueText.Text);
    public static readonly Setting<Crop> Crop = new("--crop", "NAME", "random, five or none (default random)", ValueText.OneOf<Crop>());
    public static readonly Setting<int> Validation = new("--validation", "N", "Training images held back to choose the best epoch by (default 0)", ValueText.Whole);
    public static readonly Setting<string> Output = new("--output", "DIR", "Where run folders are made (default runs)", ValueText.Text, "-o");
    public static readonly Setting<string> Name = new("--name", "NAME", "The run folder's name (default: network, recipe and seed)", ValueText.Text);
    public static readonly Setting<string> InitialWeights = new("--initial-weights", "FILE", "Begin with these weights", ValueText.Text);
    public static readonly Setting<int> CheckpointEvery = new("--checkpoint-every", "N", "Steps between checkpoints inside an epoch; 0: none (default 200)", ValueText.Whole);
    public static readonly Setting<TrainErrorKind> TrainError = new("--train-error", "KIND", "running, or full: all images again after the epoch (default running)", ValueText.OneOf<TrainErrorKind>());
    public static readonly Setting<int> LogInterval = new("--log-interval", "N", "Steps between reports of progress (default 50; on a terminal 10)", ValueText.Whole);
    public static readonly Flag Autotune = new("--autotune", "cuda: time cuDNN's algorithms and take the fastest; only in a new run");
    public static readonly OptionalValue Resume = new("--resume", "RUN", "Go on with a run: its folder or name; by itself the newest");

    /// <summary>One option and the property it sets.</summary>
    /// <param name="Setting">The option.</param>
    /// <param name="Apply">The options with the setting's value, where it is given.</param>
    /// <param name="Value">The property, to compare.</param>
    /// <param name="FreeOnResume">Whether it may change when a run goes on: it does not touch what is computed.</param>
    private sealed record Binding(Setting Setting, Func<SettingReader, TrainOptions, TrainOptions> Apply, Func<TrainOptions, object?> Value, bool FreeOnResume);

    private static readonly Binding[] Bindings =
    [
        Bind(CommonSettings.Depth, options => options.Depth, (options, value) => options with { Depth = value }),
        Bind(CommonSettings.Arch, options => options.Arch, (options, value) => options with { Arch = value }),
        Bind(CommonSettings.Model, options => (options.Arch, options.Depth), (options, value) => options with { Arch = value.Arch, Depth = value.Depth }),
        Bind(CommonSettings.Shortcut, options => options.Shortcut, (options, value) => options with { Shortcut = value }),
        Bind(CommonSettings.Device, options => options.Device, (options, value) => options with { Device = value }, freeOnResume: true),
        Bind(CommonSettings.Threads, options => options.Threads, (options, value) => options with { Threads = value }, freeOnResume: true),
        Bind(CommonSettings.Precision, options => options.Precision, (options, value) => options with { Precision = value }),
        Bind(Dataset, options => options.Dataset, (options, value) => options with { Dataset = value }),
        Bind(CommonSettings.Data, options => options.Data, (options, value) => options with { Data = value }, freeOnResume: true),
        Bind(Recipe, options => options.Recipe, (options, value) => options with { Recipe = value }),
        Bind(Epochs, options => options.Epochs, (options, value) => options with { Epochs = value }),
        Bind(Iterations, options => options.Iterations, (options, value) => options with { Iterations = value }),
        Bind(CommonSettings.BatchSize, options => options.BatchSize, (options, value) => options with { BatchSize = value }),
        Bind(Lr, options => options.Lr, (options, value) => options with { Lr = value }),
        Bind(Momentum, options => options.Momentum, (options, value) => options with { Momentum = value }),
        Bind(WeightDecay, options => options.WeightDecay, (options, value) => options with { WeightDecay = value }),
        Bind(Milestones, options => options.Milestones is { } list ? string.Join(',', list) : null, (options, value) => options with { Milestones = value }),
        Bind(Gamma, options => options.Gamma, (options, value) => options with { Gamma = value }),
        Bind(WarmupLr, options => options.WarmupLr, (options, value) => options with { WarmupLr = value }),
        Bind(Normalize, options => options.Normalize, (options, value) => options with { Normalize = value }),
        Bind(Crop, options => options.Crop, (options, value) => options with { Crop = value }),
        Bind(Validation, options => options.Validation, (options, value) => options with { Validation = value }),
        Bind(CommonSettings.Seed, options => options.Seed, (options, value) => options with { Seed = value }),
        Bind(Output, options => options.Output, (options, value) => options with { Output = value }, freeOnResume: true),
        Bind(Name, options => options.Name, (options, value) => options with { Name = value }),
        Bind(InitialWeights, options => options.InitialWeights, (options, value) => options with { InitialWeights = value }),
        Bind(CheckpointEvery, options => options.CheckpointEvery, (options, value) => options with { CheckpointEvery = value }, freeOnResume: true),
        Bind(TrainError, options => options.TrainError, (options, value) => options with { TrainError = value }),
        Bind(LogInterval, options => options.LogInterval, (options, value) => options with { LogInterval = value }, freeOnResume: true),
    ];

    /// <summary>Every option of <c>train</c>, in the order of its help.</summary>
    public static Setting[] All { get; } =
        [.. Bindings.Select(binding => binding.Setting), CommonSettings.Offline, Autotune, CommonSettings.NoGraph, CommonSettings.Profile, CommonSettings.Trace, CommonSettings.TraceSteps, CommonSettings.CudaProfilerRange, Resume, CommonSettings.Config];

    /// <summary>Those that make sense for several runs one after another: none of what is each run's own or looks into one of them.</summary>
    public static Setting[] ForSeveral { get; } =
        [.. All.Except([CommonSettings.Depth, CommonSettings.Arch, CommonSettings.Model, CommonSettings.Seed, Name, InitialWeights, Resume, CommonSettings.Profile, CommonSettings.Trace, CommonSettings.TraceSteps, CommonSettings.CudaProfilerRange])];

    /// <summary>The options as given, the library's defaults elsewhere.</summary>
    /// <exception cref="InvalidSettingException">A value cannot be read, or --model contradicts --arch or --depth.</exception>
    public static TrainOptions Read(SettingReader settings)
    {
        var network = CommonSettings.Network(settings);
        var options = Bindings.Aggregate(new TrainOptions(), (options, binding) => binding.Apply(settings, options));
        options = options with { Arch = network.Architecture, Depth = network.Depth, Autotune = settings.Has(Autotune) };
        return WithFlags(settings, options);
    }

    /// <summary>The options of a run that goes on, with what may change (device, threads, where the data is, how often to report) as given now.</summary>
    /// <exception cref="InvalidSettingException">Another option is given with another value than the run's.</exception>
    public static TrainOptions ReadForResume(SettingReader settings, TrainOptions run)
    {
        if (settings.Has(Autotune)) throw new InvalidSettingException("--autotune does not go with --resume: a run that goes on keeps the algorithms of its checkpoint (start a new run to time them)");
        foreach (var binding in Bindings)
        {
            var changed = binding.Apply(settings, run);
            if (binding.FreeOnResume) run = changed with { Output = run.Output };
            else if (!Equals(binding.Value(changed), binding.Value(run)) && binding.Value(changed) is not ("auto" or Training.Recipe.Auto))
                throw new InvalidSettingException($"{binding.Setting.Name} {Text(binding.Value(changed))} is not the run's {Text(binding.Value(run))}; a run that goes on keeps it (leave {binding.Setting.Name} out, or start a new run)");
        }
        return WithFlags(settings, run);
    }

    private static TrainOptions WithFlags(SettingReader settings, TrainOptions options) => options with
    {
        Offline = settings.Has(CommonSettings.Offline), Profile = settings.Has(CommonSettings.Profile), NoGraph = settings.Has(CommonSettings.NoGraph),
    };

    private static Binding Bind<T>(Setting<T> setting, Func<TrainOptions, object?> value, Func<TrainOptions, T, TrainOptions> apply, bool freeOnResume = false) =>
        new(setting, (settings, options) => settings.TryGet(setting, out T given) ? apply(options, given) : options, value, freeOnResume);

    private static string Text(object? value) => value switch
    {
        null => "(none)",
        Enum name => name.ToString().ToLowerInvariant(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
