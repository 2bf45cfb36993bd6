using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// Whole training steps on the float devices. The truth is Reference, which ReferenceGoldenTests ties to libtorch's double-precision
/// runs to 1e-9. Reference takes the device's side at ReLU's kinks, which are counted (<see cref="KinkAlignment"/>): a single one that
/// falls the other way moves gradients before it by up to 1e-2, and the next step's loss by 7e-4. So the device's own tie to libtorch is
/// the first step's loss, which no kink can move.
/// </summary>
[TestClass]
public sealed class DeviceGoldenTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> FreeRunning =>
        from device in TestDevices.Available from name in new[] { "resnet20", "resnet20-centred" } select new object[] { device.Name, name };

    public static IEnumerable<object[]> Devices => TestDevices.Rows;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DynamicData(nameof(FreeRunning))]
    public void Three_free_running_steps(string deviceName, string name)
    {
        var libtorch = GoldenRun.Open(name);
        var device = TestDevices.Find(deviceName);
        using var runs = new AlignedRuns(open => GoldenRun.OfLibtorch(name, open), plan => DeviceFactory.Open(device.Options, plan), GoldenTolerances.ResNet);
        runs.CompareInference();
        for (int step = 1; step <= 3; step++)
        {
            var (report, loss) = runs.Step();
            TestContext.WriteLine(report);
            if (step == 1) Difference.AssertRelativeL2("loss of libtorch", [loss], libtorch.Doubles("step1.loss"), 1e-6);
        }
        foreach (var options in device.SameAs)
        {
            using var again = GoldenRun.OfLibtorch(name, plan => DeviceFactory.Open(options, plan));
            again.InferenceLogits();
            for (int step = 1; step <= 3; step++) again.Step();
            Assert.AreEqual(runs.Device.Network.State().Sha256(), again.Network.State().Sha256(), $"other bytes with {options.Threads} threads, {options.CpuIsa}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Plain_network_teacher_forced(string device)
    {
        var libtorch = GoldenRun.Open("plain20");
        var options = TestDevices.Find(device).Options;
        using var runs = new AlignedRuns(open => GoldenRun.OfLibtorch("plain20", open), plan => DeviceFactory.Open(options, plan), GoldenTolerances.Plain);
        runs.CompareInference();
        for (int step = 1; step <= 3; step++)
        {
            runs.ForceTeacher();
            var (report, loss) = runs.Step();
            TestContext.WriteLine(report);
            if (step == 1) Difference.AssertRelativeL2("loss of libtorch", [loss], libtorch.Doubles("step1.loss"), 1e-6);
        }
    }
}
