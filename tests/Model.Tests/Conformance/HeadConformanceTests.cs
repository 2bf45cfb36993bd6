namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The head on every device against Reference.</summary>
[TestClass]
public sealed class HeadConformanceTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> Cases =>
        from device in TestDevices.Available from what in HeadCases.All select new object[] { device.Name, what.Name };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Agrees_with_reference(string deviceName, string caseName)
    {
        var device = TestDevices.Find(deviceName);
        var what = HeadCases.All.Single(entry => entry.Name == caseName);
        var breaches = HeadComparison.Breaches(what, device.Options, device.SameAs);
        Assert.IsEmpty(breaches, string.Join('\n', breaches));
    }
}
