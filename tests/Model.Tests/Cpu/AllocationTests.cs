namespace CudnnResNet.Model.Tests.Cpu;

[TestClass]
public class AllocationTests
{
    [TestMethod]
    [DataRow("direct", 1, false)]
    [DataRow("direct", 2, false)]
    [DataRow("winograd", 1, false)]
    [DataRow("winograd", 2, true)]
    public void A_training_step_and_an_evaluation_allocate_nothing(string convolution, int threads, bool watched)
    {
        const int images = 5;
        var device = new DeviceOptions { Kind = DeviceKind.Cpu, Threads = threads, CpuConvolution = convolution };
        var options = new NetworkOptions { BatchSize = 3, Profile = watched, Trace = watched ? new(new(1, 1000)) : null, Device = device };
        using var network = new ResNet(new ArchitectureSpec(Architecture.ResNet, 8), options);
        using var set = network.LoadImages(new byte[images * 3072], new byte[images]);
        network.BeginEpoch(set, 0, [.. Enumerable.Range(0, images)], [0.1, 0.1]);

        // The JIT allocates while it compiles and recompiles; a step that allocates does so every time.
        long fewest = Enumerable.Range(0, 100).Min(_ =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            RunEpoch();
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });
        Assert.AreEqual(0, fewest);

        // The last batch of an epoch is smaller.
        void RunEpoch()
        {
            network.TrainStep(set, 0, 0, 3);
            network.TrainStep(set, 1, 3, 2);
            network.Evaluate(set, 0, 3);
        }
    }
}
