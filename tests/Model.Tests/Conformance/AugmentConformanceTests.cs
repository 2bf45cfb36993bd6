using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The augmentation of every device: the floats and labels of Reference, bit for bit.</summary>
[TestClass]
public sealed class AugmentConformanceTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> Cases =>
        from device in TestDevices.Available
        from normalization in AugmentComparison.Normalizations
        from crop in Enum.GetValues<Crop>()
        from flip in new[] { false, true }
        select new object[] { device.Name, normalization, crop, flip };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gives_the_same_floats_as_reference(string deviceName, string normalization, Crop crop, bool flip)
    {
        var device = TestDevices.Find(deviceName);
        var breaches = AugmentComparison.Breaches(device.Options, device.SameAs, normalization, crop, flip);
        Assert.IsEmpty(breaches, string.Join('\n', breaches));
    }
}
