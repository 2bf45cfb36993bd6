using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests.Golden;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>
/// Whole steps on the emulator, with augmentation, from a resident set: call by call they are compared with Reference, which begins every
/// step from the GPU's parameters, statistics and velocities; as graphs they have to give the bytes of the calls.
/// </summary>
[TestClass]
public sealed class CudaStepTests : EmulatedGpuTests
{
    private const int Batch = 8, Steps = 20, Epoch = 5;

    // The largest errors seen are 8e-8 of the loss and 2.3e-6 of a gradient's norm.
    private const double LossTolerance = 1e-5, NormTolerance = 1e-4;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Twenty_steps_of_ResNet_8_are_near_Reference_and_a_graph_gives_the_bytes_of_its_calls() => Train(depth: 8);

    [TestMethod]
    [TestCategory("Long")]
    public void So_are_twenty_of_ResNet_20() => Train(depth: 20);

    private void Train(int depth)
    {
        Emulator.Start();
        var architecture = new ArchitectureSpec(Architecture.ResNet, depth);
        var options = new NetworkOptions { BatchSize = Batch, Seed = 11 };
        byte[] pixels = TestData.Bytes(Steps * Batch * AugmentSpec.ImageSize, "step pixels"), labels = TestData.Bytes(Steps * Batch, "step labels", ArchitectureSpec.Cifar10Classes);
        int[] order = [.. Enumerable.Range(0, labels.Length).Select(i => i * 7 % labels.Length)];
        double[] rates = [.. Enumerable.Range(0, Steps).Select(step => 0.1 / (1 + step / 4))];

        var recorder = new UnitRecorder();
        var alignment = new KinkAlignment(recorder, GoldenTolerances.ResNet.Forward);
        using var eager = new EmulatedNetwork(architecture, options, graph: false, gpu => new RecordingDevice(gpu, recorder));
        using var graph = new EmulatedNetwork(architecture, options);
        using var reference = new ResNet(architecture, options, plan => new RecordingDevice(new ReferenceDevice(plan), alignment));
        ResNet[] networks = [eager.Network, graph.Network, reference];
        DeviceImages[] sets = [.. networks.Select(network => network.LoadImages(pixels, labels))];
        for (int i = 0; i < networks.Length; i++) networks[i].BeginEpoch(sets[i], Epoch, order, rates);

        for (int step = 0; step < Steps; step++)
        {
            reference.Load(eager.Network.State());
            reference.LoadMomentum(eager.Network.Momentum());
            alignment.BeginStep();
            double[] losses = [.. networks.Zip(sets, (network, set) => Loss(network, set, step))];

            Difference.AssertRelativeL2($"step {step}, loss", losses.AsSpan(0, 1), losses.AsSpan(2, 1), LossTolerance);
            if (alignment.Kinks > GoldenTolerances.MostKinks) Assert.Fail($"step {step}: {alignment.Kinks} elements are at ReLU's kink");
            double gradients = Compare($"step {step}, gradient of", eager.Network.Gradients(), reference.Gradients());
            double state = Compare($"step {step}, updated", eager.Network.State(), reference.State());
            double momentum = Compare($"step {step}, velocity of", eager.Network.Momentum(), reference.Momentum());
            TestContext.WriteLine($"step {step}: loss {losses[0]:F6}, relative error {Math.Abs(losses[0] / losses[2] - 1):E1}; gradients {gradients:E1}, state {state:E1}, velocities {momentum:E1} of their norm; {alignment.Kinks} kinks");

            float[] expected = Pixels(options, pixels, order.AsSpan(step * Batch, Batch));
            CheckBits($"pixels of step {step}, call by call", eager.Pixels(Batch), expected);
            CheckBits($"pixels of step {step}, as a graph", graph.Pixels(Batch), expected);
            Assert.AreEqual(losses[0], losses[1], $"loss of step {step} as a graph");
            Assert.AreEqual(eager.Network.Gradients().Sha256(), graph.Network.Gradients().Sha256(), $"gradients of step {step} as a graph");
            Assert.AreEqual(eager.Network.State().Sha256(), graph.Network.State().Sha256(), $"state after step {step} as a graph");
            Assert.AreEqual(eager.Network.Momentum().Sha256(), graph.Network.Momentum().Sha256(), $"velocities after step {step} as a graph");
        }
        Assert.AreEqual(Steps - 1, Emulator.Counters.GraphLaunches);
        foreach (var set in sets) set.Dispose();
    }

    private static double Loss(ResNet network, DeviceImages set, int step)
    {
        network.ResetTotals();
        network.TrainStep(set, step, step * Batch, Batch);
        return network.ReadTotals().Loss;
    }

    private static double Compare(string what, StateDict actual, StateDict expected)
    {
        double largest = 0;
        foreach (var tensor in expected.Tensors)
        {
            double[] own = TestData.Wide(actual[tensor.Name].Values), wide = TestData.Wide(tensor.Values);
            Difference.AssertRelativeL2($"{what} {tensor.Name}", own, wide, NormTolerance);
            largest = Math.Max(largest, TensorDifference.Between(own, wide).RelativeL2);
        }
        return largest;
    }

    /// <summary>What the augmentation has to give, by the function that all devices share.</summary>
    private static float[] Pixels(NetworkOptions options, byte[] pixels, ReadOnlySpan<int> order)
    {
        var spec = new AugmentSpec(options.Normalization, options.Crop, options.Flip, options.Seed);
        var x = new float[order.Length * AugmentSpec.ImageSize];
        for (int i = 0; i < order.Length; i++)
        {
            AugmentSpec.Pixels(
                pixels.AsSpan(order[i] * AugmentSpec.ImageSize, AugmentSpec.ImageSize), spec.Place(order[i], Epoch), spec.Normalization.Table(), spec.Normalization.PixelMean,
                x.AsSpan(i * AugmentSpec.ImageSize, AugmentSpec.ImageSize));
        }
        return x;
    }

    private static void CheckBits(string what, float[] actual, float[] expected) =>
        CollectionAssert.AreEqual(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(actual, BitConverter.SingleToInt32Bits), what);
}
