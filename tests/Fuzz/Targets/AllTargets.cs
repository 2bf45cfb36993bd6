using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>Every reader of files that come from elsewhere: those of <see cref="Readers"/>.</summary>
internal static class AllTargets
{
    /// <summary>The word for all of them.</summary>
    public const string All = "all";

    /// <summary>The readers.</summary>
    public static IReadOnlyList<Target> Table { get; } = [.. DataTargets.Table, .. TensorTargets.Table, .. TextTargets.Table, .. ImageTargets.Table];

    /// <summary>The targets that a word of the command line means.</summary>
    /// <exception cref="InvalidSettingException">There is no such target.</exception>
    public static IReadOnlyList<Target> Named(string word)
    {
        if (word == All) return Table;
        return Table.Concat(PlantedBug.Table).FirstOrDefault(target => target.Name == word) is { } target ? [target]
            : throw new InvalidSettingException($"there is no target '{word}'; allowed are {All}, {string.Join(", ", Table.Concat(PlantedBug.Table).Select(target => target.Name))}");
    }
}
