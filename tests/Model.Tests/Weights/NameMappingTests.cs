namespace CudnnResNet.Model.Tests.Weights;

[TestClass]
public class NameMappingTests
{
    [TestMethod]
    [DataRow("convIn.weight", "conv1.weight")]
    [DataRow("bnIn.running_var", "bn1.running_var")]
    [DataRow("stack1.0.conv1.weight", "layer1.0.conv1.weight")]
    [DataRow("stack1.17.bn2.bias", "layer1.17.bn2.bias")]
    [DataRow("stack2a.conv2.weight", "layer2.0.conv2.weight")]
    [DataRow("stack2b.0.bn1.running_mean", "layer2.1.bn1.running_mean")]
    [DataRow("stack3a.bn2.weight", "layer3.0.bn2.weight")]
    [DataRow("stack3b.198.conv1.weight", "layer3.199.conv1.weight")]
    [DataRow("fcOut.bias", "fc.bias")]
    [DataRow("module.convIn.weight", "conv1.weight")]
    public void Reference_project(string theirs, string ours) => AssertMapped(NamingScheme.ReferenceProject, theirs, ours);

    [TestMethod]
    [DataRow("linear.weight", "fc.weight")]
    [DataRow("module.linear.bias", "fc.bias")]
    public void Common(string theirs, string ours) => AssertMapped(NamingScheme.Common, theirs, ours);

    [TestMethod]
    [DataRow("fc.weight", "fc.weight")]
    [DataRow("layer3.199.bn2.running_var", "layer3.199.bn2.running_var")]
    [DataRow("module.layer2.109.conv1.weight", "layer2.109.conv1.weight")]
    public void Own(string theirs, string ours) => AssertMapped(NamingScheme.Own, theirs, ours);

    [TestMethod]
    [DataRow("layer1.0.conv1.bias")]
    [DataRow("layer1.00.conv1.weight")]
    [DataRow("layer1.200.conv1.weight")]
    [DataRow("layer1.-1.conv1.weight")]
    [DataRow("layer4.0.conv1.weight")]
    [DataRow("layer1.0.conv3.weight")]
    [DataRow("layer2.0.shortcut.0.weight")]
    [DataRow("conv1.weight\n")]
    [DataRow("Conv1.weight")]
    [DataRow("conv1.running_mean")]
    [DataRow("module.module.conv1.weight")]
    [DataRow("stack2a.0.conv1.weight")]
    [DataRow("stack3b.199.conv1.weight")]
    [DataRow("stack4a.conv1.weight")]
    [DataRow("")]
    public void Unknown(string name)
    {
        var mapping = NameMapping.Of([name]);
        Assert.IsEmpty(mapping.Theirs);
        CollectionAssert.AreEqual(new[] { name }, mapping.Unknown.ToArray());
    }

    [TestMethod]
    public void Names_of_another_scheme_are_unknown_beside_a_recognised_one()
    {
        CollectionAssert.AreEqual(new[] { "conv1.weight" }, NameMapping.Of(["conv1.weight", "stack1.0.conv1.weight"]).Unknown.ToArray());
        CollectionAssert.AreEqual(new[] { "fc.weight" }, NameMapping.Of(["linear.weight", "fc.weight"]).Unknown.ToArray());
    }

    [TestMethod]
    public void Step_counters_are_left_out()
    {
        var mapping = NameMapping.Of(["bn1.num_batches_tracked", "num_batches_tracked", "conv1.weight"]);
        Assert.HasCount(1, mapping.Theirs);
        Assert.IsEmpty(mapping.Unknown);
    }

    [TestMethod]
    public void Two_names_of_one_tensor_are_refused() =>
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => NameMapping.Of(["conv1.weight", "module.conv1.weight"])).Message, "'conv1.weight' and 'module.conv1.weight' are both conv1.weight");

    [TestMethod]
    [DataRow(NamingScheme.Own)]
    [DataRow(NamingScheme.ReferenceProject)]
    [DataRow(NamingScheme.Common)]
    public void A_name_written_in_a_scheme_is_read_as_ours(NamingScheme scheme)
    {
        var ours = StateCheck.Expected(new(Architecture.ResNet, 1202), parametersOnly: false).Select(tensor => tensor.Name).ToList();
        var mapping = NameMapping.Of(ours.ConvertAll(name => NameMapping.NameIn(scheme, name)));
        Assert.AreEqual(scheme, mapping.Scheme);
        Assert.IsEmpty(mapping.Unknown);
        foreach (string name in ours) Assert.AreEqual(NameMapping.NameIn(scheme, name), mapping.Theirs[name]);
    }

    [TestMethod]
    public void Every_depth_is_found_again()
    {
        foreach (int depth in new[] { 8, 20, 68, 74, 602, 608, 662, 668, 1202 })
            Assert.AreEqual(depth, NameMapping.DepthOf(new ArchitectureSpec(Architecture.Plain, depth).ConvNorms().Select(unit => $"{unit.Name}.weight")));
        Assert.IsNull(NameMapping.DepthOf(["conv1.weight", "fc.bias"]));
    }

    private static void AssertMapped(NamingScheme scheme, string theirs, string ours)
    {
        var mapping = NameMapping.Of([theirs]);
        Assert.AreEqual(scheme, mapping.Scheme);
        Assert.AreEqual(theirs, mapping.Theirs[ours]);
        Assert.IsEmpty(mapping.Unknown);
    }
}
