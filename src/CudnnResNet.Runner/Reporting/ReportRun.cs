using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Where a run's figures come from.</summary>
internal enum RunOrigin
{
    /// <summary>The run folder of <c>train</c>.</summary>
    RunFolder,

    /// <summary>A CSV file by itself, which does not say how the network was trained.</summary>
    CsvFile,

    /// <summary>The reference project's published curves.</summary>
    ReferenceProject,
}

/// <summary>One training run as a report sees it: what was trained, how, and what each epoch came to.</summary>
internal sealed record ReportRun
{
    /// <summary>Steps in an epoch of all 50,000 training images of CIFAR-10 in the paper's batches of 128.</summary>
    public const int CifarStepsPerEpoch = 391;

    /// <summary>The run folder's name, or the file's without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The run folder or the file, as it was given.</summary>
    public required string Source { get; init; }

    /// <summary>Where the figures come from.</summary>
    public required RunOrigin Origin { get; init; }

    /// <summary>With or without shortcuts.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Weighted layers: 6n+2.</summary>
    public required int Depth { get; init; }

    /// <summary>Where option A's zero channels go; meaningless in plain networks.</summary>
    public ShortcutPadding Shortcut { get; init; } = ShortcutPadding.Trailing;

    /// <summary>How it was trained.</summary>
    public required RunRecipe Recipe { get; init; }

    /// <summary>Seed of weights, order, crops and flips; null where nobody says.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The epochs that are over, from 0 on and without gaps.</summary>
    public required IReadOnlyList<ReportEpoch> Epochs { get; init; }

    /// <summary>The epochs that the run was to have; those it has where nobody says.</summary>
    public required int PlannedEpochs { get; init; }

    /// <summary>Optimiser steps in an epoch.</summary>
    public int StepsPerEpoch { get; init; } = CifarStepsPerEpoch;

    /// <summary>Steps of the whole run; an epoch that the run ends inside of is shorter than the others.</summary>
    public required long PlannedSteps { get; init; }

    /// <summary>Whether the images were drawn by the program: the errors say nothing about CIFAR-10.</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>Whether an emulator has computed it: nothing ran on a GPU.</summary>
    public bool IsEmulated { get; init; }

    /// <summary>Whether <see cref="ReportEpoch.TestError"/> was counted on training images held back, and not on the test images.</summary>
    public bool HasValidation { get; init; }

    /// <summary>Whether epochs are missing.</summary>
    public bool IsUnfinished => Epochs.Count < PlannedEpochs;

    /// <summary>The last epoch that is over; null before the first.</summary>
    public ReportEpoch? Final => Epochs.Count > 0 ? Epochs[^1] : null;

    /// <summary>The first epoch with the smallest test error: a choice made on the test set, as the reference project does it.</summary>
    public ReportEpoch? Best => Epochs.MinBy(epoch => epoch.TestError);

    /// <summary>As the paper writes it: <c>ResNet-20</c>, <c>plain-20</c>.</summary>
    public string Network => NetworkName(Architecture, Depth, Shortcut);

    /// <summary>What must not be overlooked wherever the run is shown; empty only for the paper's recipe, as it stands and to its end, on CIFAR-10.</summary>
    public IReadOnlyList<string> Labels => [.. FindLabels()];

    /// <summary>As the paper writes it; a shortcut other than the reference project's is named.</summary>
    public static string NetworkName(Architecture architecture, int depth, ShortcutPadding shortcut) => architecture == Architecture.Plain
        ? $"plain-{depth}"
        : $"ResNet-{depth}{(shortcut == ShortcutPadding.Trailing ? "" : $", {shortcut.ToString().ToLowerInvariant()} shortcut")}";

    /// <summary>Steps done at the end of an epoch.</summary>
    public long StepsAfter(int epoch) => Math.Min((epoch + 1L) * StepsPerEpoch, PlannedSteps);

    private IEnumerable<string> FindLabels()
    {
        if (IsSynthetic) yield return "SYNTHETIC";
        if (IsEmulated) yield return "EMULATED";
        if (Origin != RunOrigin.ReferenceProject && !Recipe.IsPaper) yield return Recipe.Label;
        if (IsUnfinished) yield return $"unfinished: {Epochs.Count} of {PlannedEpochs} epochs";
        if (HasValidation) yield return "errors on training images held back, not on the test images";
    }
}
