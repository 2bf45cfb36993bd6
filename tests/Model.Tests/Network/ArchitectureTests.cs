namespace CudnnResNet.Model.Tests.Network;

[TestClass]
public sealed class ArchitectureTests
{
    [TestMethod]
    [DataRow(20, 269_722)]
    [DataRow(32, 464_154)]
    [DataRow(44, 658_586)]
    [DataRow(56, 853_018)]
    [DataRow(110, 1_727_962)]
    public void Parameter_counts_are_the_papers(int depth, int expected)
    {
        foreach (var kind in Enum.GetValues<Architecture>())
        {
            var architecture = new ArchitectureSpec(kind, depth);
            Assert.AreEqual(expected, architecture.ParameterCount, "option A's shortcuts have no parameters");
            Assert.AreEqual(depth, architecture.Layers().Count());
        }
    }

    [TestMethod]
    public void A_networks_state_has_as_many_parameters_as_its_summary()
    {
        using var network = new ResNet(new(Architecture.ResNet, 20), new() { Device = new() { Kind = DeviceKind.Reference }, BatchSize = 1 });
        Assert.AreEqual(269_722, network.Momentum().Tensors.Sum(tensor => tensor.Values.Length));
        Assert.HasCount(19, network.Units.ToArray());
    }

    [TestMethod]
    [DataRow(21, "20 or 26")]
    [DataRow(0, "8")]
    [DataRow(-4, "8")]
    [DataRow(2, "8")]
    [DataRow(1203, "1202")]
    [DataRow(int.MaxValue, "1202")]
    public void Other_depths_are_refused_with_the_nearest(int depth, string nearest)
    {
        var refused = Assert.ThrowsExactly<InvalidSettingException>(() => new ArchitectureSpec(Architecture.ResNet, depth));
        Assert.Contains($"{depth}", refused.Message);
        Assert.EndsWith($"the nearest is {nearest}", refused.Message);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(1202)]
    public void The_smallest_and_the_deepest_are_allowed(int depth) => Assert.AreEqual(depth, new ArchitectureSpec(Architecture.ResNet, depth).Layers().Count());
}
