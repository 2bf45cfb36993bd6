using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>A network that was given back: again is no mistake, and whatever else is asked of it is refused, whatever the device.</summary>
[TestClass]
public sealed class DisposalTests : EmulatedGpuTests
{
    [TestMethod]
    [DataRow("cpu")]
    [DataRow("reference")]
    [DataRow("cuda")]
    public void Disposed_twice_is_disposed_once_and_everything_afterwards_is_refused(string device)
    {
        if (device == "cuda") _ = Emulator.Folder;
        var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = DeviceOptions.Parse(device) with { Threads = 3 }, BatchSize = 2 });
        var images = network.LoadImages(new byte[4 * 3072], new byte[4]);
        network.BeginEpoch(images, 0, [0, 1, 2, 3], [0.1]);
        network.TrainStep(images, 0, 0, 2);
        StateDict state = network.State(), momentum = network.Momentum();
        network.Dispose();
        network.Dispose();

        foreach (Action use in (Action[])
        [
            () => network.LoadImages(new byte[3072], new byte[1]),
            () => network.BeginEpoch(images, 1, [0, 1, 2, 3], [0.1]),
            () => network.TrainStep(images, 0, 0, 2),
            () => network.TrainStep(new float[3072], new byte[1], 0.1),
            () => network.Augment(images, 0, 1),
            () => network.Evaluate(images, 0, 2),
            () => network.Evaluate(images, 0, 2, new float[20]),
            () => network.Infer(new float[3072], new float[10]),
            network.ResetTotals,
            () => network.RestoreTotals(default),
            () => network.ReadTotals(),
            () => network.RequestTotals(),
            () => network.MeasurePeak(),
            () => network.State(),
            () => network.Momentum(),
            () => network.Gradients(),
            () => network.Load(state),
            () => network.LoadMomentum(momentum),
            () => new Predictor(network).Dispose(),
        ])
            Assert.ThrowsExactly<ObjectDisposedException>(use);
        images.Dispose();
        images.Dispose();
    }
}
