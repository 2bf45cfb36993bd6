using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>What the host gives to the GPU for a pass, as counted by the emulator, and what it may do between passes.</summary>
[TestClass]
public sealed class CudaPassTests : EmulatedGpuTests
{
    private const int Batch = 4, Images = 24;

    // Copies and fills are counted when they are done: at once in this order.
    [TestInitialize]
    public void StartEarly() => Emulator.Start(EmulatorOrder.Early);

    [TestMethod]
    public void A_step_after_the_second_is_one_graph_launch_and_nothing_else()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch });
        using var set = Load(gpu.Network);
        Begin(gpu.Network, set, epoch: 0);
        for (int step = 0; step < 2; step++) gpu.Network.TrainStep(set, step, step * Batch, Batch);
        for (int step = 2; step < Images / Batch; step++)
            AssertCalls($"step {step}", () => gpu.Network.TrainStep(set, step, step * Batch, Batch), new() { GraphLaunches = 1 });
    }

    [TestMethod]
    public void So_is_a_batch_of_an_evaluation()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch, Training = false });
        using var set = Load(gpu.Network);
        gpu.Network.ResetTotals();
        for (int batch = 0; batch < 2; batch++) gpu.Network.Evaluate(set, batch * Batch, Batch);
        for (int batch = 2; batch < Images / Batch; batch++)
            AssertCalls($"batch {batch}", () => gpu.Network.Evaluate(set, batch * Batch, Batch), new() { GraphLaunches = 1 });
        Assert.AreEqual(Images, gpu.Network.ReadTotals().Images);
    }

    [TestMethod]
    public void Totals_are_asked_for_with_one_copy_of_64_bytes()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch });
        using var set = Load(gpu.Network);
        Begin(gpu.Network, set, epoch: 0);
        PendingTotals first = null!, second = null!;
        gpu.Network.TrainStep(set, 0, 0, Batch);
        AssertCalls("a request", () => first = gpu.Network.RequestTotals(), new() { DownloadCopies = 1, DownloadBytes = 64, EventRecords = 1 });
        AssertCalls("an answer that is there", () => Assert.IsTrue(first.AreThere), new() { Queries = 1 });
        gpu.Network.TrainStep(set, 1, Batch, Batch);
        second = gpu.Network.RequestTotals();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => gpu.Network.RequestTotals()).Message, "2 requests");
        AssertCalls("reading it", () => Assert.AreEqual(Batch, first.Read().Images), new() { Queries = 1 });
        Assert.AreEqual(2 * Batch, second.Read().Images);
        Assert.ThrowsExactly<InvalidOperationException>(() => second.Read());
        Assert.IsNotNull(gpu.Network.RequestTotals());
    }

    [TestMethod]
    public void Totals_of_a_GPU_that_is_behind_come_without_waiting_and_are_those_of_the_request()
    {
        Emulator.Start(EmulatorOrder.Late);
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch });
        using var set = Load(gpu.Network);
        Begin(gpu.Network, set, epoch: 0);
        for (int step = 0; step < 3; step++) gpu.Network.TrainStep(set, step, step * Batch, Batch);
        var asked = gpu.Network.RequestTotals();
        gpu.Network.TrainStep(set, 3, 3 * Batch, Batch);
        long waited = Emulator.Counters.Synchronizations, queries = Emulator.Counters.Queries;
        while (!asked.AreThere) { }
        Assert.IsGreaterThan(queries + 1, Emulator.Counters.Queries, "the emulator was not behind");
        Assert.AreEqual(3 * Batch, asked.Read().Images);
        Assert.AreEqual(waited, Emulator.Counters.Synchronizations);

        var waitedFor = gpu.Network.RequestTotals();
        Assert.AreEqual(4 * Batch, waitedFor.Read().Images);
        Assert.AreEqual(waited + 1, Emulator.Counters.Synchronizations);
    }

    [TestMethod]
    public void Call_by_call_a_step_of_ResNet_20_is_45_kernels_and_101_library_calls()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 20), new() { BatchSize = 1 }, graph: false);
        using var set = Load(gpu.Network);
        Begin(gpu.Network, set, epoch: 0, batch: 1);
        gpu.Network.TrainStep(set, 0, 0, 1);
        // Kernels: augmentation, 19 joins forward and backward, 2 gradients of option A, loss forward and backward, update, end of the step.
        // Library calls: 19 x (convolution, batch norm) forward, 19 x (batch norm, dw) and 18 x dx backward; in the head pooling, product
        // and bias forward, two products, bias and pooling backward.
        AssertCalls("a step", () => gpu.Network.TrainStep(set, 1, 1, 1), new() { LaunchCalls = 45, LibraryCalls = 101 });
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Steps_out_of_order_evaluations_between_them_and_other_sets_give_the_same_bytes(bool early)
    {
        Emulator.Start(early ? EmulatorOrder.Early : EmulatorOrder.Late);
        var expected = Wander(graph: false);
        var actual = Wander(graph: true);
        Assert.AreEqual(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++) Assert.AreEqual(expected[i], actual[i], $"event {i}");
    }

    [TestMethod]
    public void The_first_update_that_is_not_finite_is_known_with_the_totals_by_step_and_tensor()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch });
        ResNet network = gpu.Network;
        using var set = Load(network);
        Begin(network, set, epoch: 0);
        network.TrainStep(set, 0, 0, Batch);
        network.Evaluate(set, 0, Batch);
        Begin(network, set, epoch: 1);
        for (int step = 0; step < 2; step++) network.TrainStep(set, step, step * Batch, Batch);
        Assert.IsTrue(double.IsFinite(network.ReadTotals().Loss));
        Assert.IsNull(network.FirstNonFinite);

        var momentum = network.Momentum();
        momentum["layer2.0.bn1.bias"].Values[3] = float.PositiveInfinity;
        network.LoadMomentum(momentum);
        for (int step = 2; step < 4; step++) network.TrainStep(set, step, step * Batch, Batch);
        var asked = network.RequestTotals();
        Assert.IsNull(network.FirstNonFinite, "the host has not heard of it yet");
        asked.Read();
        Assert.AreEqual(new NonFiniteUpdate(2, "layer2.0.bn1.bias"), network.FirstNonFinite);
    }

    [TestMethod]
    public void Sets_that_are_gone_take_their_graphs_with_them()
    {
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = 1, Training = false });
        for (int i = 0; i < 40; i++)
        {
            using var set = gpu.Network.LoadImages(new byte[AugmentSpec.ImageSize], new byte[1]);
            for (int pass = 0; pass < 3; pass++) gpu.Network.Evaluate(set, 0, 1);
        }
        Assert.AreEqual(120, gpu.Network.ReadTotals().Images);
        Assert.AreEqual(80, Emulator.Counters.GraphLaunches);
    }

    /// <summary>Epochs with a smaller last batch, evaluations of two sets between steps, steps again and back, and everything that can be read after each.</summary>
    private static List<string> Wander(bool graph)
    {
        var seen = new List<string>();
        using var gpu = new EmulatedNetwork(new(Architecture.ResNet, 8), new() { BatchSize = Batch, OtherBatchSizes = [3] }, graph);
        ResNet network = gpu.Network;
        using DeviceImages set = Load(network, 7), other = Load(network, 5, "other pixels");
        for (int epoch = 0; epoch < 3; epoch++)
        {
            Begin(network, set, epoch);
            network.RestoreTotals(new(1, 0.5, 1));
            network.TrainStep(set, 0, 0, Batch);
            network.TrainStep(set, 1, Batch, 3);
            See();
            network.ResetTotals();
            network.Evaluate(other, 1, Batch);
            network.Evaluate(set, 0, Batch);
            network.Evaluate(set, Batch, 3);
            See();
            network.TrainStep(set, 1, 3, Batch);
            network.TrainStep(TestData.Normal(2 * AugmentSpec.ImageSize, "wandering"), [1, 2], 0.01);
            Begin(network, set, epoch);
            network.TrainStep(set, 0, 0, Batch);
            network.TrainStep(set, 0, 0, Batch);
            See();
        }
        return seen;

        void See() => seen.Add($"{network.ReadTotals()} {network.State().Sha256()} {network.Momentum().Sha256()}");
    }

    private static DeviceImages Load(ResNet network, int count = Images, string pixels = "pass pixels") =>
        network.LoadImages(TestData.Bytes(count * AugmentSpec.ImageSize, pixels), TestData.Bytes(count, "pass labels", network.Architecture.Classes));

    private static void Begin(ResNet network, DeviceImages set, int epoch, int batch = Batch) => network.BeginEpoch(
        set, epoch, [.. Enumerable.Range(0, set.Count).Reverse()], [.. Enumerable.Range(1, (set.Count + batch - 1) / batch).Select(step => 0.1 / step)]);

    private static void AssertCalls(string what, Action action, EmulatorCounters expected)
    {
        EmulatorCounters before = Emulator.Counters;
        action();
        Assert.AreEqual(expected, Emulator.Counters.Since(before).Asked, what);
    }
}
