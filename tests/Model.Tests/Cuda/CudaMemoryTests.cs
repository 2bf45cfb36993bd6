namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>A GPU that is too small.</summary>
[TestClass]
public sealed class CudaMemoryTests : EmulatedGpuTests
{
    private const long Memory = 48_000_000;

    [TestMethod]
    public void Says_how_much_is_needed_and_free_and_which_batch_would_fit()
    {
        _ = Emulator.Folder;
        Emulator.Start(memory: Memory);
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => Train(batchSize: 64));
        EmulatedGpuTests.AssertNothingLeft();
        Assert.IsTrue(error.NeededBytes > error.FreeBytes && error.FreeBytes is > 0 and <= Memory, error.Message);
        Assert.MatchesRegex(@"^not enough memory on .*not hardware.*: batches of 64 need \d+\.\d MB, \d+\.\d MB are free; batches of \d+ would fit$", error.Message);

        Emulator.Start(memory: Memory);
        Train(error.FittingBatchSize);
        // The estimate is careful, but not by much.
        Emulator.Start(memory: Memory);
        Assert.ThrowsExactly<DeviceMemoryException>(() => Train(error.FittingBatchSize * 5 / 4 + 1));
    }

    [TestMethod]
    public void Says_that_no_batch_would_fit()
    {
        _ = Emulator.Folder;
        Emulator.Start(memory: 6_000_000);
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => Train(batchSize: 8));
        Assert.AreEqual(0, error.FittingBatchSize);
        Assert.EndsWith("no batch size would fit: use a smaller network, or free memory", error.Message);
    }

    [TestMethod]
    public void Says_that_a_data_set_does_not_fit_beside_a_network()
    {
        _ = Emulator.Folder;
        Emulator.Start(memory: Memory);
        using var network = Open(batchSize: 16);
        var error = Assert.ThrowsExactly<DeviceMemoryException>(() => network.LoadImages(new byte[10_000 * AugmentedImage], new byte[10_000]));
        Assert.Contains("a data set of 10000 images needs 30.7 MB", error.Message);
        Assert.IsTrue(error.FittingBatchSize is >= 0 and < 16, error.Message);
    }

    private const int AugmentedImage = 3 * 32 * 32;

    private static ResNet Open(int batchSize) => new(new(Architecture.ResNet, 8), new() { Device = CudaNetwork.Options, BatchSize = batchSize });

    private static void Train(int batchSize)
    {
        using var network = Open(batchSize);
        network.TrainStep(new float[AugmentedImage], [3], 0.1);
    }
}
