using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>Every reader of files that come from elsewhere.</summary>
internal static class AllTargets
{
    /// <summary>The word for all of them but the planted bug.</summary>
    public const string All = "all";

    private static readonly Dictionary<string, Func<Target>> Makers = new()
    {
        ["cifar"] = () => new CifarTarget(),
        ["archive"] = () => new ArchiveTarget(),
        ["safetensors"] = () => new SafeTensorsTarget(),
        ["weights"] = () => new WeightsTarget(),
        ["torch-zip"] = () => new TorchTarget(isZip: true),
        ["torch-legacy"] = () => new TorchTarget(isZip: false),
        ["checkpoint"] = () => new CheckpointTarget(),
        ["config"] = () => new ConfigTarget(),
        ["args"] = () => new ArgsTarget(),
        ["csv"] = () => new CsvTarget(),
        ["png"] = () => new ImageTarget("png"),
        ["jpeg"] = () => new ImageTarget("jpeg"),
        ["bmp"] = () => new ImageTarget("bmp"),
        ["planted"] = () => new PlantedBug(),
    };

    /// <summary>The names of the readers.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys.Where(name => name != "planted")];

    /// <summary>The names that a word of the command line means.</summary>
    /// <exception cref="InvalidSettingException">There is no such target.</exception>
    public static IReadOnlyList<string> Named(string word) => word == All ? Names : Makers.ContainsKey(word) ? [word]
        : throw new InvalidSettingException($"there is no target '{word}'; allowed are {All}, {string.Join(", ", Makers.Keys)}");

    /// <summary>Makes a target.</summary>
    public static Target Create(string name)
    {
        var target = Makers[name]();
        return target.Name == name ? target : throw new InvalidOperationException($"{target.Name} is listed as {name}");
    }
}
