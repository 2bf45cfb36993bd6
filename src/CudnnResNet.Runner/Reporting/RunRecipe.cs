using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Reporting;

/// <summary>How a run was trained. Runs of different recipes are never averaged and never share a column.</summary>
/// <param name="Name"><c>paper</c>, <c>fast</c>, <c>demo</c>, or <see cref="UnknownName"/>.</param>
/// <param name="Changes">What differs from the recipe as it stands, in words: <c>epochs 5</c>, <c>lr 0.05</c>.</param>
/// <param name="Epochs">The epochs that it takes; null where nobody says.</param>
internal sealed record RunRecipe(string Name, IReadOnlyList<string> Changes, int? Epochs)
{
    private const string UnknownName = "not known";

    /// <summary>Options that say what is trained, on what, or where to, and not how.</summary>
    private static readonly string[] NotPartOfIt = ["arch", "depth", "shortcut", "dataset", "seed", "train-error", "autotune"];

    /// <summary>The recipe of a CSV file, which does not tell.</summary>
    public static RunRecipe Unknown { get; } = new(UnknownName, [], null);

    /// <summary>The recipe of He et al. 2015, section 4.2, as it stands.</summary>
    public static RunRecipe Paper { get; } = new("paper", [], 164);

    /// <summary>Whether it is the paper's, as it stands.</summary>
    public bool IsPaper => Name == "paper" && Changes.Count == 0;

    /// <summary>A column's title: <c>fast</c>, <c>paper, epochs 5</c>.</summary>
    public string Title => string.Join(", ", Changes.Prepend(Name));

    /// <summary>What a picture or a row says of it: <c>recipe fast, 30 epochs</c>.</summary>
    public string Label => $"recipe {Title}" + (Epochs is { } epochs && !Changes.Any(change => change.StartsWith("epochs ", StringComparison.Ordinal)) ? $", {epochs} epochs" : "");

    /// <summary>Finds it out from the options of a run.</summary>
    /// <param name="options">As <c>args.json</c> has them.</param>
    /// <param name="trainImages">Images of an epoch.</param>
    /// <param name="synthetic">Whether the data set is the synthetic one.</param>
    public static RunRecipe Of(TrainOptions options, int trainImages, bool synthetic)
    {
        var plan = TrainingPlan.Create(options, trainImages, synthetic);
        var effective = plan.Effective(options);
        // The rate of a recipe grows with the batch; the batch is a change, the rate that follows from it is none.
        var bare = new TrainOptions { Recipe = plan.Recipe, Arch = options.Arch, Depth = options.Depth, BatchSize = options.BatchSize };
        var standing = TrainingPlan.Create(bare, trainImages, synthetic).Effective(bare);
        var values = JsonNode.Parse(effective.ToJson())!.AsObject();
        // What is null in this run but not in the recipe is the other way to say the run's length.
        var changes = effective.ResultDifferences(standing).Except(NotPartOfIt).Where(values.ContainsKey).Select(name => $"{name} {Text(values[name]!)}");
        if (options.BatchSize != PaperRecipe.BatchSize) changes = changes.Prepend($"batch-size {options.BatchSize}");
        return new(plan.Recipe.ToString().ToLowerInvariant(), [.. changes], plan.Epochs);
    }

    /// <summary>Same name, same changes.</summary>
    public bool Equals(RunRecipe? other) => other is not null && Title == other.Title;

    /// <inheritdoc/>
    public override int GetHashCode() => Title.GetHashCode(StringComparison.Ordinal);

    // A title stands in tables and pictures; only the path of initial weights is of any length.
    private static string Text(JsonNode value) => value is JsonArray list ? string.Join(',', list.Select(item => item!.ToJsonString())) : PrintableText.Shortened(value.ToString(), 200);
}
