using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>Two steps of small networks, against losses of our own.</summary>
[TestClass]
public sealed class SmallGoldenTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> Losses => SmallGoldenLosses.All.Select(row => new object[] { row.Network.Architecture, row.Network.Shortcut, row.First, row.Second });

    public static IEnumerable<object[]> Runs => from device in TestDevices.Rows from run in Losses select new[] { device[0], run[0], run[1] };

    [TestMethod]
    [DynamicData(nameof(Losses))]
    public void Reference_keeps_its_losses(Architecture kind, ShortcutPadding padding, double first, double second)
    {
        using var run = GoldenRun.OfSeed(new(kind, 8, padding), plan => new ReferenceDevice(plan));
        Difference.AssertRelativeL2("step 1 loss", [run.Step()], [first], 1e-9);
        Difference.AssertRelativeL2("step 2 loss", [run.Step()], [second], 1e-9);
    }

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Two_steps_of_an_eight_layer_network(string device, Architecture kind, ShortcutPadding padding)
    {
        var tolerances = kind == Architecture.Plain ? GoldenTolerances.Plain : GoldenTolerances.ResNet;
        using var runs = new AlignedRuns(open => GoldenRun.OfSeed(new(kind, 8, padding), open), plan => DeviceFactory.Open(TestDevices.Find(device).Options, plan), tolerances);
        runs.CompareInference();
        runs.Step();
        runs.Step();
    }
}
