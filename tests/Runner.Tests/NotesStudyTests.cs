using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Runner.Reproduction;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests;

/// <summary>The comparisons behind docs/notes.md.</summary>
[TestClass]
public sealed class NotesStudyTests
{
    private static readonly TrainOptions Common = new() { Recipe = Recipe.Fast, Seed = 3, Depth = 56, Arch = Architecture.Plain, Output = "somewhere" };

    [TestMethod]
    public void Each_side_differs_from_the_other_in_what_its_words_say()
    {
        foreach (var (note, name, one, other) in NotesStudy.Comparisons(Common))
        {
            one.Run.Check();
            other.Run.Check();
            string[] words = [.. new[] { one, other }.SelectMany(side => side.Words.Split(' '))];
            Assert.AreEqual(words[0], words[2], name);
            bool byTraining = Differences(one.Run, other.Run) is [string option] && option == words[0][2..];
            bool byEvaluation = one.Run == other.Run && one.Statistics != other.Statistics && words[0] == "--batch-norm-statistics";
            Assert.IsTrue(byTraining ^ byEvaluation, $"note {note}, {name}");
            foreach (var (side, word) in new[] { (one, words[1]), (other, words[3]) })
                Assert.AreEqual(word, byTraining ? Json(side.Run)[words[0][2..]]!.GetValue<string>() : side.Statistics.ToString().ToLowerInvariant(), name);
        }
    }

    [TestMethod]
    public void Every_training_is_there_once_and_keeps_what_all_have_in_common()
    {
        var runs = NotesStudy.Runs(Common);
        CollectionAssert.AreEquivalent(
            new[] { "resnet20 Trailing Random", "resnet20 Trailing Five", "resnet20 Reshape Random", "plain20 Trailing Random" },
            runs.Select(run => $"{run.ToArchitecture().Name} {run.Shortcut} {run.Crop}").ToArray());
        Assert.IsTrue(runs.All(run => run is { Recipe: Recipe.Fast, Seed: 3, Output: "somewhere" }));
    }

    private static string[] Differences(TrainOptions one, TrainOptions other) =>
        [.. Json(one).Where(entry => entry.Value?.ToJsonString() != Json(other)[entry.Key]?.ToJsonString()).Select(entry => entry.Key)];

    private static JsonObject Json(TrainOptions options) => JsonNode.Parse(options.ToJson())!.AsObject();
}
