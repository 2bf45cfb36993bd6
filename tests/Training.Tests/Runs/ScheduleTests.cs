namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class ScheduleTests
{
    private static readonly TrainingPlan Paper = TrainingPlan.Create(new() { Recipe = Recipe.Paper }, 50_000, synthetic: false);

    [TestMethod]
    [DataRow(0L, 0.1)]
    [DataRow(31_999L, 0.1)]
    [DataRow(32_000L, 0.01)]
    [DataRow(47_999L, 0.01)]
    [DataRow(48_000L, 0.001)]
    [DataRow(63_999L, 0.001)]
    public void The_papers_rate_is_divided_by_10_after_32k_and_48k_iterations(long iteration, double rate) =>
        Assert.AreEqual(rate, Paper.Schedule.RateAt(iteration), 1e-15);

    [TestMethod]
    public void The_papers_drops_fall_inside_an_epoch()
    {
        double[] rates = Paper.RatesOf(epoch: 81, warmingUp: false); // steps 31,671 to 32,061
        Assert.AreEqual(0.1, rates[328], 1e-15);
        Assert.AreEqual(0.01, rates[329], 1e-15);
    }

    [TestMethod]
    public void Only_deep_networks_warm_up()
    {
        Assert.IsNull(TrainingPlan.Create(new() { Recipe = Recipe.Paper, Depth = 56 }, 50_000, false).WarmupRate);
        var deep = TrainingPlan.Create(new() { Recipe = Recipe.Paper, Depth = 110 }, 50_000, false);
        Assert.AreEqual(0.01, deep.WarmupRate);
        CollectionAssert.AreEqual(Enumerable.Repeat(0.01, 391).ToArray(), deep.RatesOf(0, warmingUp: true));
        CollectionAssert.AreEqual(Enumerable.Repeat(0.1, 391).ToArray(), deep.RatesOf(1, warmingUp: false));
    }

    [TestMethod]
    public void One_cycle_rises_to_its_peak_and_falls_to_nearly_nothing()
    {
        var cycle = new OneCycleSchedule(0.2, RiseSteps: 10, TotalSteps: 100);
        var rates = Enumerable.Range(0, 100).Select(step => cycle.RateAt(step)).ToArray();
        Assert.AreEqual(0.02, rates[0], 1e-15);
        Assert.AreEqual(0.2, rates[9], 1e-15);
        for (int step = 1; step < 100; step++) Assert.IsTrue(step < 10 ? rates[step] > rates[step - 1] : rates[step] < rates[step - 1], $"step {step}");
        Assert.IsGreaterThan(0, rates[99]);
        Assert.IsLessThan(1e-4, rates[99]);
        Assert.AreEqual(0, cycle.RateAt(100));
    }
}
