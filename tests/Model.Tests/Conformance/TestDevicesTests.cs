namespace CudnnResNet.Model.Tests.Conformance;

[TestClass]
public sealed class TestDevicesTests
{
    [TestMethod]
    public void Devices_that_this_machine_lacks_are_named()
    {
        if (TestDevices.Missing.Count > 0) Assert.Inconclusive($"skipped: {string.Join("; ", TestDevices.Missing)}");
    }

    [TestMethod]
    public void Cases_have_names_of_their_own()
    {
        string[] names = [.. ConvNormCases.Fast.Concat(ConvNormCases.Long).Select(what => what.Name)];
        Assert.HasCount(names.Length, names.Distinct().ToArray());
    }
}
