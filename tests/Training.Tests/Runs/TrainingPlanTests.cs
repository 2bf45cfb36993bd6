using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class TrainingPlanTests
{
    [TestMethod]
    public void An_epoch_of_50000_images_is_391_steps_the_last_of_80_images()
    {
        var plan = TrainingPlan.Create(new(), 50_000, synthetic: false);
        Assert.AreEqual(391, plan.StepsPerEpoch);
        Assert.AreEqual(128, plan.ImagesIn(389));
        Assert.AreEqual(80, plan.ImagesIn(390));
        Assert.AreEqual(50_000, plan.ImagesUpTo(391));
        Assert.AreEqual(50_128, plan.ImagesUpTo(392));
    }

    [TestMethod]
    public void The_papers_64000_iterations_end_inside_the_164th_epoch()
    {
        var plan = TrainingPlan.Create(new() { Recipe = Recipe.Paper }, 50_000, synthetic: false);
        Assert.AreEqual(64_000, plan.TotalSteps);
        Assert.AreEqual(164, plan.Epochs);
        Assert.AreEqual(391, plan.StepsIn(162));
        Assert.AreEqual(267, plan.StepsIn(163));
        Assert.AreEqual(128, plan.BatchSize);
        Assert.AreEqual(0.9, plan.Momentum);
        Assert.AreEqual(1e-4, plan.WeightDecay);
    }

    [TestMethod]
    [DataRow("cuda", false, Recipe.Paper)]
    [DataRow("cuda:1", false, Recipe.Paper)]
    [DataRow("cpu", false, Recipe.Fast)]
    [DataRow("auto", false, Recipe.Fast)]
    [DataRow("cpu", true, Recipe.Demo)]
    [DataRow("cuda", true, Recipe.Demo)]
    public void Auto_is_a_fixed_rule(string device, bool synthetic, Recipe expected) =>
        Assert.AreEqual(expected, TrainingPlan.Create(new() { Device = device }, 10_000, synthetic).Recipe);

    [TestMethod]
    public void Options_override_the_recipe()
    {
        var plan = TrainingPlan.Create(
            new() { Recipe = Recipe.Paper, BatchSize = 100, Epochs = 7, Lr = 0.3, Momentum = 0.5, WeightDecay = 0, Milestones = [5, 9], Gamma = 0.5, WarmupLr = 0.02 }, 1000, false);
        Assert.AreEqual(70, plan.TotalSteps);
        Assert.AreEqual((0.5, 0.0, 0.02), (plan.Momentum, plan.WeightDecay, plan.WarmupRate));
        Assert.AreEqual((0.3, 0.15, 0.075), (plan.Schedule.RateAt(4), plan.Schedule.RateAt(5), plan.Schedule.RateAt(9)));
        Assert.AreEqual(12, TrainingPlan.Create(new() { Iterations = 12 }, 1000, false).TotalSteps);
    }

    [TestMethod]
    public void The_fast_recipes_rate_grows_with_the_batch_and_milestones_replace_its_cycle()
    {
        Assert.AreEqual(FastRecipe.PeakRate / 2, ((OneCycleSchedule)TrainingPlan.Create(new() { BatchSize = 64 }, 50_000, false).Schedule).Peak);
        Assert.AreEqual(0.7, ((OneCycleSchedule)TrainingPlan.Create(new() { BatchSize = 64, Lr = 0.7 }, 50_000, false).Schedule).Peak);
        Assert.IsInstanceOfType<StepSchedule>(TrainingPlan.Create(new() { Milestones = [100] }, 50_000, false).Schedule);
        var error = Assert.ThrowsExactly<InvalidSettingException>(() => TrainingPlan.Create(new() { Gamma = 0.5 }, 50_000, false));
        StringAssert.Contains(error.Message, "gamma 0.5");
    }

    [TestMethod]
    [DataRow(Recipe.Paper, 20)]
    [DataRow(Recipe.Paper, 110)]
    [DataRow(Recipe.Fast, 20)]
    [DataRow(Recipe.Demo, 8)]
    public void The_effective_options_lead_to_the_same_plan(Recipe recipe, int depth)
    {
        var options = new TrainOptions { Recipe = recipe, Depth = depth, BatchSize = 96 };
        var plan = TrainingPlan.Create(options, 50_000, synthetic: false);
        var effective = TrainOptions.FromJson(plan.Effective(options).ToJson());
        var again = TrainingPlan.Create(effective, 50_000, synthetic: false);
        Assert.AreEqual(plan.Describe(), again.Describe());
        Assert.AreEqual(plan.TotalSteps, again.TotalSteps);
        for (long step = 0; step < plan.TotalSteps; step += 97) Assert.AreEqual(plan.Schedule.RateAt(step), again.Schedule.RateAt(step));
        Assert.IsNotNull(effective.Lr);
        Assert.IsNotNull(effective.WeightDecay);
    }
}
