using CudnnResNet.Model.Devices.Cpu;

namespace CudnnResNet.Model.Tests.Cpu;

[TestClass]
public class WorkPoolTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Runs_every_group_once(int threads)
    {
        using var pool = new WorkPool(threads);
        foreach (int groups in new[] { 0, 1, 2, 16, 1000 })
        {
            var runs = new int[groups];
            pool.Run(groups, (group, thread) =>
            {
                Assert.IsTrue(thread >= 0 && thread < threads);
                Interlocked.Increment(ref runs[group]);
            });
            Assert.IsTrue(runs.All(count => count == 1), $"{groups} groups on {threads} threads");
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Many_short_runs_and_pauses_lose_nothing()
    {
        using var pool = new WorkPool(4);
        long sum = 0;
        for (int run = 0; run < 5000; run++)
        {
            pool.Run(5, (group, _) => Interlocked.Add(ref sum, group));
            // Long enough for the workers to fall asleep often: a fast one must not take the wake-up of a slow one.
            if (run % 20 == 0) Thread.Sleep(1);
        }
        Assert.AreEqual(5000 * 10, sum);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void A_group_that_throws_fails_the_run_and_leaves_the_pool_usable(int threads)
    {
        using var pool = new WorkPool(threads);
        var thrown = Assert.ThrowsExactly<ArithmeticException>(() => pool.Run(8, (group, _) => { if (group == 5) throw new ArithmeticException("group 5"); }));
        StringAssert.Contains(thrown.Message, "group 5");
        int count = 0;
        pool.Run(8, (_, _) => Interlocked.Increment(ref count));
        Assert.AreEqual(8, count);
    }
}
