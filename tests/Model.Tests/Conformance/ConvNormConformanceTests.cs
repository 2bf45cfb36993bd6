using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>Every conv-norm case on every device: equal to Reference within tolerance, and the same bytes on every run and for every number of threads.</summary>
[TestClass]
public sealed class ConvNormConformanceTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> FastCases => Cases(ConvNormCases.Fast);

    public static IEnumerable<object[]> LongCases => Cases(ConvNormCases.Long);

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Agrees_with_reference(string device, string name) => Check(device, name, ConvNormCases.Fast);

    [TestMethod]
    [TestCategory("Long")]
    [DynamicData(nameof(LongCases))]
    public void Full_batches_agree_with_reference(string device, string name) => Check(device, name, ConvNormCases.Long);

    [TestMethod]
    public void A_mask_that_is_open_far_from_the_kink_fails_although_y_is_right()
    {
        var what = ConvNormCases.Fast.First(entry => entry.Links.Any(link => link.S is not null));
        var run = new UnitRun(what, PlantedMistake.OpenMask(what.Links[0].Spec.Name).Open);
        string breach = ConvNormComparison.Breaches(what, run, new UnitRun(what, plan => new ReferenceDevice(plan), run)).Single();
        Assert.Contains(" Y, channel ", breach);
    }

    private static IEnumerable<object[]> Cases(IEnumerable<ConvNormCase> cases) =>
        from device in TestDevices.Available from what in cases select new object[] { device.Name, what.Name };

    private static void Check(string deviceName, string caseName, IEnumerable<ConvNormCase> cases)
    {
        var device = TestDevices.Find(deviceName);
        var what = cases.Single(entry => entry.Name == caseName);
        var breaches = ConvNormComparison.Breaches(what, device.Options, device.SameAs, TurnEarly);
        Assert.IsEmpty(breaches, string.Join('\n', breaches));
    }
}
