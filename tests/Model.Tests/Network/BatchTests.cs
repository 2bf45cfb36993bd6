using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>Batches below the planned size, as the last of an epoch is.</summary>
[TestClass]
public sealed class BatchTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> Devices => TestDevices.RowsWithReference;

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void A_step_does_not_depend_on_the_planned_batch_size(string device)
    {
        Assert.AreEqual(HashAfter(device, 5, 5, 3), HashAfter(device, 12, 5, 3));
    }

    [TestMethod]
    public void The_last_80_images_of_an_epoch_pass_through_a_network_planned_for_128()
    {
        foreach (var device in TestDevices.Available) Assert.AreEqual(HashAfter(device.Name, 80, 80), HashAfter(device.Name, 128, 80));
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Batches_beyond_the_plan_are_refused(string device)
    {
        using var network = Network(device, 2);
        foreach (int n in new[] { 0, 3 })
        {
            var refused = Assert.ThrowsExactly<InvalidSettingException>(() => network.TrainStep(new float[n * 3072], new byte[n], 0.1));
            Assert.Contains("1..2", refused.Message);
        }
    }

    private static string HashAfter(string device, int planned, params int[] batches)
    {
        using var network = Network(device, planned, batches);
        foreach (int n in batches) network.TrainStep(TestData.Normal(n * 3072, "images"), TestData.Bytes(n, "labels", 10), 0.1);
        return network.State().Sha256();
    }

    private static ResNet Network(string device, int planned, params int[] others) =>
        new(new(Architecture.ResNet, 8), new() { Device = TestDevices.Find(device).Options, BatchSize = planned, OtherBatchSizes = others });

    [TestMethod]
    public void Inputs_that_do_not_fit_are_refused_before_anything_runs()
    {
        using var network = new ResNet(new ArchitectureSpec(Architecture.ResNet, 8), new() { BatchSize = 4, Device = new() { Kind = DeviceKind.Cpu, Threads = 1 } });
        using var set = network.LoadImages(new byte[5 * 3072], new byte[5]);
        Refused(() => network.LoadImages(new byte[3071], new byte[1]), "3071 pixel values are not 1 images");
        Refused(() => network.LoadImages(new byte[3072], [10]), "label");
        Refused(() => network.TrainStep(new float[3072], new byte[2], 0.1), "3072 pixel values are not 2 images");
        Refused(() => network.TrainStep(new float[3072], [200], 0.1), "label");
        Refused(() => network.TrainStep(set, 0, 3, 3), "images 3..5 are not within 0..4");
        Refused(() => network.Evaluate(set, -1, 1), "images -1..-1 are not within 0..4");
        Refused(() => network.Infer(new float[3073], new float[10]), "3073 values");

        static void Refused(Action action, string text) => StringAssert.Contains(Assert.ThrowsExactly<InvalidSettingException>(action).Message, text);
    }
}
