using CudnnResNet.Model.Devices.Cpu;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>A processor's memory that does not suffice. How the whole program says it is in Runner.Tests.</summary>
[TestClass]
public sealed unsafe class CpuMemoryTests
{
    private const int Megabyte = 1_000_000;

    [TestMethod]
    public void Says_how_much_is_needed_and_free_and_which_batch_would_fit()
    {
        long limit = Environment.WorkingSet + 600 * Megabyte;
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => Require(batchSize: 100, limit));
        Assert.MatchesRegex(@"^not enough memory: batches of 100 need 1100\.0 MB, \d+\.\d of the \d+\.\d MB that this process may have are free; batches of \d+ would fit$", error.Message);
        Assert.AreEqual(1100L * Megabyte, error.NeededBytes);
        // 100 MB that every batch needs, and 10 for each image; the process itself may grow by some in between.
        Assert.IsTrue(error.FittingBatchSize is > 40 and <= 50, error.Message);
        Require(error.FittingBatchSize, limit);
    }

    [TestMethod]
    public void Says_that_no_batch_would_fit()
    {
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => Require(batchSize: 1, limit: Megabyte));
        Assert.AreEqual(0, error.FittingBatchSize);
        Assert.EndsWith("no batch size would fit: use a smaller network, or free memory", error.Message);
    }

    [TestMethod]
    public void What_the_system_refuses_is_told_when_all_is_counted()
    {
        using var memory = new CpuMemory();
        Assert.IsTrue(memory.Floats(1000) != null);
        Assert.IsTrue(memory.FloatsOf(4096, 1L << 40) == null, "more than an address space has");
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => memory.Require(4096));
        Assert.IsGreaterThan(1L << 50, error.NeededBytes);
    }

    /// <summary>Nothing of it is touched, so it costs nothing.</summary>
    private static void Require(int batchSize, long limit)
    {
        using var memory = new CpuMemory();
        _ = memory.Floats(25 * Megabyte);
        _ = memory.FloatsOf(batchSize, 2_500_000);
        memory.Require(batchSize, limit);
    }
}
