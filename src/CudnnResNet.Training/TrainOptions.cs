using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>How the training error of an epoch is counted.</summary>
public enum TrainErrorKind
{
    /// <summary>Over the epoch's batches as they are trained on, while the weights change. Costs nothing.</summary>
    Running,

    /// <summary>After the epoch, in evaluation mode, over the training images without augmentation.</summary>
    Full,
}

/// <summary>
/// The options of <c>train</c> that decide what is computed and where it is written, by the command line's names. Null means: as the
/// recipe says. The same names, in kebab case, are those of <c>args.json</c>.
/// </summary>
public sealed record TrainOptions
{
    private const int MaxMilestones = 100;

    /// <summary>Weighted layers: 6n+2.</summary>
    public int Depth { get; init; } = 20;

    /// <summary>With or without shortcuts.</summary>
    [JsonConverter(typeof(LowerCaseEnum<Architecture>))]
    public Architecture Arch { get; init; } = Architecture.ResNet;

    /// <summary>How shortcuts double the channels.</summary>
    [JsonConverter(typeof(LowerCaseEnum<ShortcutPadding>))]
    public ShortcutPadding Shortcut { get; init; } = ShortcutPadding.Trailing;

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>reference</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the cpu device; 0 means one for each processor. The results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>What the cuda device may multiply with; other devices have fp32 only.</summary>
    [JsonConverter(typeof(LowerCaseEnum<Precision>))]
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>
    /// <c>auto</c>, <c>cifar10</c> or <c>synthetic</c>: what <see cref="DataLocator"/> is asked for. In a run folder the name of the set that
    /// was used, an own one's too.
    /// </summary>
    public string Dataset { get; init; } = "auto";

    /// <summary>The data set's folder, or null to search.</summary>
    public string? Data { get; init; }

    /// <summary>True: no download.</summary>
    public bool Offline { get; init; }

    /// <summary>Where the values come from that are null here.</summary>
    [JsonConverter(typeof(LowerCaseEnum<Recipe>))]
    public Recipe Recipe { get; init; } = Recipe.Auto;

    /// <summary>Passes over the training images; not together with <see cref="Iterations"/>.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps; not together with <see cref="Epochs"/>.</summary>
    public long? Iterations { get; init; }

    /// <summary>Images of a step.</summary>
    public int BatchSize { get; init; } = PaperRecipe.BatchSize;

    /// <summary>The learning rate: the first one of a stepped schedule, the highest one of a one-cycle schedule.</summary>
    public double? Lr { get; init; }

    /// <summary>SGD's momentum.</summary>
    public double? Momentum { get; init; }

    /// <summary>SGD's weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Iterations at which the rate is multiplied by <see cref="Gamma"/>; given, the schedule is the stepped one.</summary>
    public IReadOnlyList<long>? Milestones { get; init; }

    /// <summary>The factor at each milestone.</summary>
    public double? Gamma { get; init; }

    /// <summary>
    /// The rate until an epoch's training error is below 80 %. Null: 0.01 for networks of 110 layers and more with a stepped schedule,
    /// no warm-up otherwise.
    /// </summary>
    public double? WarmupLr { get; init; }

    /// <summary><c>channel</c>, <c>pixel</c> or <c>reference</c>.</summary>
    public string Normalize { get; init; } = "channel";

    /// <summary>How training images are cropped.</summary>
    [JsonConverter(typeof(LowerCaseEnum<Crop>))]
    public Crop Crop { get; init; } = Crop.Random;

    /// <summary>True: training images are not mirrored. For images in which left and right differ, such as digits.</summary>
    public bool NoFlip { get; init; }

    /// <summary>Training images held back; the network is then chosen by them, and the test images are counted once, at the end.</summary>
    public int Validation { get; init; }

    /// <summary>Seed of the initial weights, the order, the crops and the mirroring.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The folder in which the run's folder is made.</summary>
    public string Output { get; init; } = "runs";

    /// <summary>The run folder's name; null for one made of network, recipe and seed.</summary>
    public string? Name { get; init; }

    /// <summary>Weights to begin with instead of random ones.</summary>
    public string? InitialWeights { get; init; }

    /// <summary>Steps between two checkpoints inside an epoch; 0 for checkpoints at the end of epochs only.</summary>
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>How the training error is counted.</summary>
    [JsonConverter(typeof(LowerCaseEnum<TrainErrorKind>))]
    public TrainErrorKind TrainError { get; init; } = TrainErrorKind.Running;

    /// <summary>Steps between two reports of progress.</summary>
    public int LogInterval { get; init; } = 50;

    /// <summary>Whether the ops are timed: <see cref="Trainer.Network"/>'s <see cref="ResNet.ReadProfile"/>. The results do not depend on it.</summary>
    public bool Profile { get; init; }

    /// <summary>See <see cref="NetworkOptions.Trace"/>; the caller saves it when the run is over. Not part of the JSON.</summary>
    [JsonIgnore]
    public TraceRecorder? Trace { get; init; }

    /// <summary>See <see cref="NetworkOptions.CudaProfilerRange"/>. Not part of the JSON.</summary>
    [JsonIgnore]
    public StepRange? CudaProfilerRange { get; init; }

    /// <summary>Whether cuDNN's algorithms are chosen by timing them, when the run begins; its checkpoints keep the choice.</summary>
    public bool Autotune { get; init; }

    /// <summary>Whether the cuda device gives every kernel by itself instead of a step as one graph. The results do not depend on it.</summary>
    public bool NoGraph { get; init; }

    /// <summary>The network these options describe.</summary>
    /// <param name="classes">Classes of the data set.</param>
    /// <exception cref="InvalidSettingException">The depth does not exist, or there are too few or too many classes.</exception>
    public ArchitectureSpec ToArchitecture(int classes = ArchitectureSpec.Cifar10Classes) => new(Arch, Depth, Shortcut, classes);

    /// <summary>The device these options describe.</summary>
    /// <exception cref="InvalidSettingException">There is no device of that name.</exception>
    public DeviceOptions ToDevice() => DeviceOptions.Parse(Device) with { Threads = Threads, Precision = Precision, Autotune = Autotune, Graph = !NoGraph };

    /// <summary>Refuses values that no run can have; what depends on the data set is checked when it is known.</summary>
    /// <exception cref="InvalidSettingException">A value is out of range; the message names the option, the value and what is allowed.</exception>
    public void Check()
    {
        _ = ToArchitecture();
        _ = DeviceOptions.Parse(Device);
        InRange("threads", Threads, 0, 256);
        InRange("batch size", BatchSize, 1, NetworkOptions.MaxBatchSize);
        if (Epochs is { } epochs) InRange("epochs", epochs, 1, 100_000);
        if (Iterations is { } iterations) InRange("iterations", iterations, 1, 100_000_000);
        if (Epochs is not null && Iterations is not null)
            throw new InvalidSettingException($"epochs {Epochs} and iterations {Iterations} say the same thing twice; give one of them");
        if (Lr is { } lr) Positive("lr", lr, 100);
        if (WarmupLr is { } warmup) Positive("warmup-lr", warmup, 100);
        if (Gamma is { } gamma) Positive("gamma", gamma, 1);
        if (Momentum is { } momentum && !(momentum is >= 0 and < 1)) throw new InvalidSettingException($"momentum {momentum} is not within 0..1 (1 excluded)");
        if (WeightDecay is { } decay && !(decay is >= 0 and < 1)) throw new InvalidSettingException($"weight-decay {decay} is not within 0..1 (1 excluded)");
        if (Milestones is { Count: > MaxMilestones }) throw new InvalidSettingException($"milestones are {Milestones.Count}, more than the {MaxMilestones} allowed");
        if (Milestones is { } milestones && (milestones.Any(step => step < 1) || milestones.Zip(milestones.Skip(1)).Any(pair => pair.First >= pair.Second)))
            throw new InvalidSettingException($"milestones {PrintableText.Shortened(string.Join(',', milestones), 100)} are not positive and ascending");
        InRange("validation", Validation, 0, int.MaxValue);
        InRange("checkpoint-every", CheckpointEvery, 0, int.MaxValue);
        InRange("log-interval", LogInterval, 1, int.MaxValue);
        if (Normalize is not ("channel" or "pixel" or "reference"))
            throw new InvalidSettingException($"normalize {PrintableText.Quoted(Normalize)} is not one of channel, pixel, reference");
        _ = DataSet.CheckedName(Dataset);
        if (string.IsNullOrWhiteSpace(Output)) throw new InvalidSettingException("output is empty; it has to name a folder");
        if (Name is not null) RunFolder.CheckName(Name);
    }

    /// <summary>The options as JSON, by the command line's names; nulls are left out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainOptionsJson.Default.TrainOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote, or a file for <c>--config</c>; what it does not name keeps its default.</summary>
    /// <exception cref="InvalidSettingException">It is not JSON, a name is unknown, or a value is of the wrong kind.</exception>
    public static TrainOptions FromJson(string json)
    {
        try
        {
            // The serialiser sets init-only properties that the text does not name to zero, so the defaults have to be in the text.
            var merged = JsonSerializer.SerializeToNode(new TrainOptions(), TrainOptionsJson.Default.TrainOptions)!.AsObject();
            if (json.Length > TextFile.LongestOptions) throw new InvalidSettingException($"the options have {json.Length} characters, more than the {TextFile.LongestOptions} allowed");
            var given = JsonNode.Parse(json, documentOptions: TrainOptionsJson.Reading) as JsonObject ?? throw new InvalidSettingException("the options are not a JSON object");
            foreach (var (name, value) in given) merged[name] = value?.DeepClone();
            return merged.Deserialize(TrainOptionsJson.Default.TrainOptions)!;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: an escape that is half a surrogate pair
        {
            throw new InvalidSettingException($"the options are not readable: {PrintableText.Shortened(error.Message, 300)}", error);
        }
    }

    /// <summary>The names of the options in which another run differs and that decide what is computed.</summary>
    internal IReadOnlyList<string> ResultDifferences(TrainOptions other)
    {
        var mine = JsonSerializer.SerializeToElement(WithoutResultFree(this), TrainOptionsJson.Default.TrainOptions).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText());
        var theirs = JsonSerializer.SerializeToElement(WithoutResultFree(other), TrainOptionsJson.Default.TrainOptions).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText());
        return [.. mine.Keys.Union(theirs.Keys).Where(name => mine.GetValueOrDefault(name) != theirs.GetValueOrDefault(name)).Order(StringComparer.Ordinal)];
    }

    private static TrainOptions WithoutResultFree(TrainOptions options) => options with
    {
        Device = "auto", Threads = 0, Data = null, Offline = false, Output = "runs", Name = null, CheckpointEvery = 0, LogInterval = 1, Profile = false, NoGraph = false,
    };

    private static void InRange(string name, long value, long low, long high)
    {
        if (value < low || value > high)
            throw new InvalidSettingException(high == int.MaxValue ? $"{name} {value} is not {low} or more" : $"{name} {value} is not within {low}..{high}");
    }

    private static void Positive(string name, double value, double high)
    {
        if (!(value > 0 && value <= high)) throw new InvalidSettingException($"{name} {value} is not within 0..{high} (0 excluded)");
    }
}
