namespace CudnnResNet.Model.Tests.Weights;

/// <summary>The module of docs/pytorch.md, run by Python with stand-ins for PyTorch's classes, has the keys and shapes of our files.</summary>
[TestClass]
public class PytorchPageTests
{
    [TestMethod]
    [DataRow(20, Architecture.ResNet, ShortcutPadding.Trailing)]
    [DataRow(32, Architecture.ResNet, ShortcutPadding.Centred)]
    [DataRow(8, Architecture.Plain, ShortcutPadding.Trailing)]
    public void The_module_has_the_keys_and_shapes_of_our_files(int depth, Architecture kind, ShortcutPadding shortcut)
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(kind, depth, shortcut);
        WeightsFile.Save(folder["w.safetensors"], architecture, Normalization.Reference, Initializer.Create(architecture, 1));
        var file = SafeTensors.Read(folder["w.safetensors"]);
        string[] ours = [.. file.Names.Select(name => $"{name} {string.Join('x', file.Shape(name))}").Order(StringComparer.Ordinal)];

        string At(string name) => Path.Combine(AppContext.BaseDirectory, name);
        string output = Python.Run(At("pytorch_keys.py"), At("pytorch.md"), $"{depth}", $"{kind == Architecture.ResNet}", $"{shortcut == ShortcutPadding.Centred}");
        CollectionAssert.AreEqual(ours, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToArray());
    }

    /// <summary>What the second block asks of the metadata.</summary>
    [TestMethod]
    public void The_metadata_that_the_page_reads_are_there()
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8, ShortcutPadding.Centred);
        WeightsFile.Save(folder["w.safetensors"], architecture, Normalization.ImageNet, Initializer.Create(architecture, 1));
        var about = SafeTensors.Read(folder["w.safetensors"]).Metadata;
        Assert.AreEqual(("8", "resnet", "centred", "0.485,0.456,0.406", "0.229,0.224,0.225"), (about["depth"], about["arch"], about["shortcut"], about["normalize_mean"], about["normalize_std"]));
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pytorch.md"));
        foreach (string key in (string[])["depth", "arch", "shortcut", "normalize_mean", "normalize_std"]) StringAssert.Contains(page, $"\"{key}\"");
    }
}
