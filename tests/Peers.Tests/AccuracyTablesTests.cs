using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers.Tests;

[TestClass]
public class AccuracyTablesTests
{
    private const double Wanted = 0.9;

    [TestMethod]
    public void The_summary_has_the_first_epoch_with_enough_and_the_ratios()
    {
        TrainingRun ours = Run("ours", 0.85, 0.9, 0.89), theirs = Run("theirs", slower: 3, 0.85, 0.88, 0.91);
        string[] lines = [.. AccuracyTables.Summary([ours, theirs], Wanted)];
        CollectionAssert.AreEqual(new[] { "ours", "3", "epoch 2", "22.0", "20.0", "89.00 %", "33.0", "0.00" }, Cells(lines[2]));
        CollectionAssert.AreEqual(new[] { "theirs", "3", "epoch 3", "93.0", "90.0", "91.00 %", "93.0", "0.00" }, Cells(lines[3]));
        Assert.AreEqual("to 90 %: theirs takes 4.23 times as long as ours (4.50 times in training alone)", lines[4]);
        Assert.AreEqual("to epoch 3: theirs takes 2.82 times as long as ours (3.00 times in training alone)", lines[5]);
    }

    [TestMethod]
    public void A_side_that_never_gets_there_has_no_ratio()
    {
        string all = string.Join('\n', AccuracyTables.Summary([Run("ours", 0.91), Run("theirs", 0.5, 0.6)], Wanted));
        Assert.Contains("not reached", all);
        Assert.DoesNotContain("to 90 %: theirs", all);
        // Their second epoch has no partner.
        Assert.Contains("to epoch 1: theirs takes 1.00 times", all);
    }

    [TestMethod]
    public void A_side_that_died_keeps_its_epochs_and_says_why()
    {
        var theirs = Run("theirs", 0.5);
        theirs.Problem = "out of memory";
        string all = string.Join('\n', AccuracyTables.Summary([Run("ours", 0.91), theirs], Wanted));
        Assert.Contains("50.00 %", all);
        Assert.Contains("theirs: not measured any further: out of memory", all);
    }

    [TestMethod]
    public void A_line_has_this_epoch_s_seconds_and_everyone_s_totals()
    {
        TrainingRun ours = Run("ours", 0.5, 0.6), theirs = Run("theirs", slower: 3, 0.4);
        Assert.AreEqual("- epoch 2/30, ours: loss 1.0000, test accuracy 60.00 %, training 10.0 s, with evaluation 11.0 s; so far ours 22.0 s, theirs 31.0 s",
            AccuracyTables.Latest(ours, [ours, theirs], 30));
    }

    private static TrainingRun Run(string side, params double[] accuracies) => Run(side, slower: 1, accuracies);

    /// <summary>Epochs of 10 s of training, or more for a slower side, and 1 s of evaluation.</summary>
    private static TrainingRun Run(string side, int slower, params double[] accuracies)
    {
        var run = new TrainingRun(side);
        for (int epoch = 1; epoch <= accuracies.Length; epoch++)
            run.Epochs.Add(new(epoch, 1, 1 - accuracies[epoch - 1], 10 * slower * epoch, (10 * slower + 1) * epoch));
        return run;
    }

    private static string[] Cells(string row) => row.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
