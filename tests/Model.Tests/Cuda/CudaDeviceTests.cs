using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>What the cuda device says of itself, and what a step costs: counted by the emulator.</summary>
[TestClass]
public sealed class CudaDeviceTests : EmulatedGpuTests
{
    [TestMethod]
    public void Says_what_computes_and_that_the_emulator_is_none_of_hardware()
    {
        using var network = new CudaNetwork();
        string description = network.Network.DeviceDescription;
        foreach (string part in (string[])["cuda:0 ", "emulator (not hardware)", "compute capability ", "driver for CUDA ", "cuDNN 9.", "fp32"]) Assert.Contains(part, description);
    }

    [TestMethod]
    public void Auto_does_not_take_an_emulator()
    {
        _ = Emulator.Folder;
        using var network = new ResNet(new(Architecture.ResNet, 8), new() { BatchSize = 1 });
        Assert.StartsWith("cpu, ", network.DeviceDescription);
        Assert.Contains("emulator", CudaSupport.WhyNotAuto()!);
        Assert.IsNull(CudaSupport.WhyNot(ordinal: 0));
    }

    [TestMethod]
    public void A_step_in_order_allocates_nothing_waits_for_nothing_and_copies_nothing()
    {
        using var network = new CudaNetwork();
        network.Train(4);
        network.Train(4);
        _ = network.Network.ReadTotals();
        EmulatorCounters before = Emulator.Counters;
        network.Train(4);
        EmulatorCounters after = Emulator.Counters;
        Assert.AreEqual((0L, 0L, 0L, 0L, 0L), (
            after.Allocations - before.Allocations, after.Synchronizations - before.Synchronizations, after.UploadCopies - before.UploadCopies,
            after.DownloadCopies - before.DownloadCopies, after.DeviceCopies - before.DeviceCopies), "allocations, synchronisations, copies up, down and within the device");
        Assert.AreEqual(0, after.Fills - before.Fills, "the device knows by itself where the step is");
        Assert.AreEqual(0, after.PinnedAllocations - before.PinnedAllocations);
    }

    [TestMethod]
    public void A_step_and_an_evaluation_allocate_no_managed_memory()
    {
        using var network = new CudaNetwork();
        // The JIT allocates while it compiles; a step that allocates does so every time.
        long fewest = Enumerable.Range(0, 10).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            network.Train(4);
            network.Train(3);
            network.Evaluate(4);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.AreEqual(0, fewest);
    }

    [TestMethod]
    public void A_step_or_an_evaluation_out_of_order_is_told_its_place()
    {
        using var cuda = new CudaNetwork();
        using var reference = new CudaNetwork(device: new() { Kind = DeviceKind.Reference });
        foreach (var network in (CudaNetwork[])[cuda, reference])
        {
            network.Train(4);
            network.Evaluate(3);
            network.Train(3);
            network.BeginEpoch(7);
            network.Train(2);
            network.Evaluate(4);
        }
        Totals own = cuda.Network.ReadTotals(), expected = reference.Network.ReadTotals();
        Assert.AreEqual(expected.Images, own.Images);
        Assert.AreEqual(expected.LossSum, own.LossSum, 1e-4 * expected.LossSum);
    }

    [TestMethod]
    public void Totals_go_on_from_where_they_were()
    {
        using var network = new CudaNetwork();
        network.Evaluate(4);
        Totals once = network.Network.ReadTotals();
        network.Network.RestoreTotals(new(100, 1.5, 7));
        network.Evaluate(4);
        Assert.AreEqual(new Totals(104, 1.5 + once.LossSum, 7 + once.Correct), network.Network.ReadTotals());
        network.Network.ResetTotals();
        Assert.AreEqual(new Totals(0, 0, 0), network.Network.ReadTotals());
    }

    [TestMethod]
    public void Tf32_rounds_and_fp32_does_not()
    {
        _ = Emulator.Folder;
        Emulator.Start(capability: 80);
        double fp32 = LossOf(Precision.Fp32, DeviceKind.Cuda), tf32 = LossOf(Precision.Tf32, DeviceKind.Cuda), exact = LossOf(Precision.Fp32, DeviceKind.Reference);
        Assert.AreEqual(exact, fp32, 1e-6 * exact);
        Assert.AreEqual(exact, tf32, 1e-2 * exact); // a factor is off by up to 2^-11
        Assert.AreNotEqual(exact, tf32, 1e-5 * exact);

        static double LossOf(Precision precision, DeviceKind kind)
        {
            using var network = new CudaNetwork(device: CudaNetwork.Options with { Kind = kind, Precision = precision });
            network.Train(4);
            return network.Network.ReadTotals().Loss;
        }
    }

    [TestMethod]
    public void Tf32_is_refused_on_a_gpu_that_has_none()
    {
        var error = Assert.ThrowsExactly<DeviceUnavailableException>(() => new CudaNetwork(device: CudaNetwork.Options with { Precision = Precision.Tf32 }));
        Assert.Contains("precision tf32 needs a GPU of compute capability 8.0 or later", error.Message);
    }

    [TestMethod]
    public void Other_devices_refuse_what_only_cuda_has()
    {
        foreach (var kind in new[] { DeviceKind.Cpu, DeviceKind.Reference })
        {
            StringAssert.Contains(Refusal(new() { Kind = kind, Precision = Precision.Tf32 }), "precision tf32 is the cuda device's");
            StringAssert.Contains(Refusal(new() { Kind = kind, Autotune = true }), "autotune is the cuda device's");
        }

        static string Refusal(DeviceOptions device) =>
            Assert.ThrowsExactly<InvalidSettingException>(() => new ResNet(new(Architecture.ResNet, 8), new() { Device = device, BatchSize = 1 })).Message;
    }

    [TestMethod]
    public void Reading_and_writing_the_state_is_lossless()
    {
        using var network = new CudaNetwork();
        network.Train(4);
        StateDict state = network.Network.State(), momentum = network.Network.Momentum();
        using var other = new CudaNetwork();
        other.Network.Load(state);
        other.Network.LoadMomentum(momentum);
        Assert.AreEqual(state.Sha256(), other.Network.State().Sha256());
        Assert.AreEqual(momentum.Sha256(), other.Network.Momentum().Sha256());
        network.BeginEpoch(1);
        other.BeginEpoch(1);
        network.Train(4);
        other.Train(4);
        Assert.AreEqual(network.Network.State().Sha256(), other.Network.State().Sha256());
    }

    [TestMethod]
    public void A_network_for_inference_only_has_no_gradients()
    {
        using var network = new CudaNetwork(training: false);
        network.Evaluate(4);
        Assert.AreEqual(4, network.Network.ReadTotals().Images);
        Assert.IsFalse(network.Network.Units.First().Stores(UnitTensor.Dw));
        Assert.ThrowsExactly<InvalidOperationException>(() => network.Network.Gradients());
    }
}
