using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Reproduction;

/// <summary>One side of a comparison: a training, and how its network is evaluated.</summary>
/// <param name="Words">What makes this side, as it is typed: <c>--crop five</c>.</param>
/// <param name="Run">The training. Sides with equal ones share it.</param>
/// <param name="Statistics">Which statistics batch norm uses in the evaluation: <c>eval --batch-norm-statistics</c>.</param>
internal sealed record StudySide(string Words, TrainOptions Run, BatchNormStatistics Statistics = BatchNormStatistics.Running);

/// <summary>Two sides that differ in one thing.</summary>
/// <param name="Note">Which of the reference project's five implementation notes asks.</param>
/// <param name="Name">A row's name.</param>
/// <param name="Base">As everywhere else in this project.</param>
/// <param name="Varied">The other way.</param>
internal sealed record StudyComparison(int Note, string Name, StudySide Base, StudySide Varied);

/// <summary>
/// The comparisons that answer the reference project's implementation notes by measurement (docs/notes.md). Notes 2 and 3 are matters of
/// arithmetic and have none.
/// </summary>
internal static class NotesStudy
{
    /// <summary>The comparisons, of 20-layer networks.</summary>
    /// <param name="common">Recipe, seed, data and device of all runs.</param>
    public static IReadOnlyList<StudyComparison> Comparisons(TrainOptions common)
    {
        common = common with { Depth = 20, Arch = Architecture.ResNet, Shortcut = ShortcutPadding.Trailing, Crop = Crop.Random };
        var plain = common with { Arch = Architecture.Plain };
        return
        [
            new(1, "resnet20, crops", new("--crop random", common), new("--crop five", common with { Crop = Crop.Five })),
            new(4, "resnet20, shortcuts", new("--shortcut trailing", common), new("--shortcut reshape", common with { Shortcut = ShortcutPadding.Reshape })),
            new(5, "resnet20, statistics", new("--batch-norm-statistics running", common), new("--batch-norm-statistics batch", common, BatchNormStatistics.Batch)),
            new(5, "plain20, statistics", new("--batch-norm-statistics running", plain), new("--batch-norm-statistics batch", plain, BatchNormStatistics.Batch)),
        ];
    }

    /// <summary>The trainings that these comparisons need, each once.</summary>
    public static IReadOnlyList<TrainOptions> Runs(TrainOptions common) =>
        [.. Comparisons(common).SelectMany(comparison => new[] { comparison.Base.Run, comparison.Varied.Run }).Distinct()];
}
