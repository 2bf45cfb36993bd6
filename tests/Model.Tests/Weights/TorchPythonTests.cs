namespace CudnnResNet.Model.Tests.Weights;

/// <summary>Files made with Python's own pickle and zipfile modules, by torch_save.py.</summary>
[TestClass]
public class TorchPythonTests
{
    [TestMethod]
    [DataRow("zip", 2)]
    [DataRow("zip", 4)]
    [DataRow("zip", 5)]
    [DataRow("legacy", 2)]
    [DataRow("legacy", 3)]
    [DataRow("legacy", 5)]
    public void A_checkpoint_that_Python_pickled_is_read(string format, int protocol)
    {
        using var folder = new TemporaryFolder();
        // Depth 50: more than 255 memo entries, so that the long opcodes are there too.
        var tensors = Initializer.Create(new(Architecture.ResNet, 50), 1).Tensors;
        File.WriteAllLines(folder["names"], tensors.Select(tensor => $"module.{NameMapping.NameIn(NamingScheme.Common, tensor.Name)},{string.Join('x', tensor.Shape)}"));
        Python.Run(Path.Combine(AppContext.BaseDirectory, "torch_save.py"), folder.Path, format, $"{protocol}");

        var weights = WeightsFile.Load(folder["w.pt"]);
        Assert.AreEqual(("resnet50", NamingScheme.Common), (weights.Architecture.Name, weights.Scheme));
        foreach (var (name, shape, values) in tensors)
        {
            var read = weights.State[name];
            CollectionAssert.AreEqual(shape, read.Shape, name);
            CollectionAssert.AreEqual(Enumerable.Range(0, values.Length).Select(i => (float)i).ToArray(), read.Values, name);
        }
    }
}
