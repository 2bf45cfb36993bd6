using System.Collections.Concurrent;
using CudnnResNet.Model.Devices.Cpu;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>A worker thread that throws: the caller gets what it threw, nobody waits for ever, and the network works on.</summary>
[TestClass]
public sealed class WorkerFaultTests
{
    private const int Threads = 4, Deadline = 60_000;
    private static readonly byte[] Pixels = TestData.Bytes(8 * 3072, "fault pixels"), Labels = TestData.Bytes(8, "fault labels", 10);

    /// <summary>Each worker, the caller's thread among them, and all at once.</summary>
    public static IEnumerable<object[]> Workers() => Enumerable.Range(-1, Threads + 1).Select(thread => new object[] { thread });

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(Workers))]
    public void In_any_layer_of_training_it_reaches_the_caller_and_the_network_trains_on(int thread)
    {
        FaultyWorkers device = null!;
        using var network = FaultyWorkers.Networks(made => device = made)(new(Architecture.ResNet, 8), new() { Device = new() { Threads = Threads }, BatchSize = 8 });
        using var images = network.LoadImages(Pixels, Labels);
        network.BeginEpoch(images, 0, [0, 1, 2, 3, 4, 5, 6, 7], [0.1, 0.1]);
        StateDict state = network.State(), momentum = network.Momentum();
        network.TrainStep(images, 0, 0, 8);
        string expected = network.State().Sha256();

        foreach (string layer in device.Layers)
        {
            foreach (bool backward in (bool[])[false, true])
            {
                Begin();
                device.Fault = (layer, backward, thread);
                Assert.ThrowsExactly<FaultyWorkers.KernelException>(() => network.TrainStep(images, 0, 0, 8), $"{layer}, backward {backward}");
                // A step that was cut off leaves half-updated weights: whoever goes on begins from a checkpoint.
                Begin();
                network.TrainStep(images, 0, 0, 8);
                Assert.AreEqual(expected, network.State().Sha256(), $"after a fault in {layer}, backward {backward}");
            }
        }

        void Begin()
        {
            network.Load(state);
            network.LoadMomentum(momentum);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(Workers))]
    public void In_inference_it_reaches_the_caller_and_the_next_call_gets_the_right_bytes(int thread)
    {
        FaultyWorkers device = null!;
        using var network = FaultyWorkers.Networks(made => device = made)(new(Architecture.ResNet, 8), new() { Device = new() { Threads = Threads }, BatchSize = 8, Training = false });
        float[] x = TestData.Normal(8 * 3072, "fault images"), expected = new float[80], logits = new float[80];
        network.Infer(x, expected);
        foreach (string layer in device.Layers)
        {
            device.Fault = (layer, false, thread);
            Assert.ThrowsExactly<FaultyWorkers.KernelException>(() => network.Infer(x, logits), layer);
            network.Infer(x, logits);
            CollectionAssert.AreEqual(expected, logits, $"after a fault in {layer}");
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void In_a_predictor_each_caller_gets_its_own_and_the_pool_of_networks_loses_none()
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8);
        WeightsFile.Save(folder["w"], architecture, Normalization.Reference, Initializer.Create(architecture, 5));
        var devices = new ConcurrentBag<FaultyWorkers>();
        using var predictor = new Predictor(WeightsFile.Load(folder["w"]), new() { Device = new() { Kind = DeviceKind.Cpu, Threads = 2 }, BatchSize = 8, Concurrency = 4 }, FaultyWorkers.Networks(devices.Add));
        float[] expected = [.. predictor.Logits(Pixels)];
        int failed = 0;
        // Ten times as many faults as there are networks: one that was not given back would leave the last callers waiting for ever.
        for (int round = 0; round < 10; round++)
        {
            foreach (var device in devices) device.Fault = (device.Layers[round % device.Layers.Count], false, -1);
            System.Threading.Tasks.Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, _ =>
            {
                try
                {
                    CollectionAssert.AreEqual(expected, predictor.Logits(Pixels).ToArray());
                }
                catch (FaultyWorkers.KernelException)
                {
                    Interlocked.Increment(ref failed);
                }
            });
        }
        Assert.IsGreaterThanOrEqualTo(10, failed);
        CollectionAssert.AreEqual(expected, predictor.Logits(Pixels).ToArray());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void What_several_workers_throw_at_once_is_one_exception_and_the_pool_goes_on()
    {
        using var pool = new WorkPool(Threads);
        for (int run = 0; run < 2000; run++)
        {
            Assert.ThrowsExactly<ArithmeticException>(() => pool.RunOnEach((_, thread) => throw new ArithmeticException($"{thread}")));
            int count = 0;
            pool.RunOnEach((_, _) => Interlocked.Increment(ref count));
            Assert.AreEqual(Threads, count);
        }
    }
}
