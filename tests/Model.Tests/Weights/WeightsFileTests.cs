namespace CudnnResNet.Model.Tests.Weights;

[TestClass]
public class WeightsFileTests
{
    private static readonly ArchitectureSpec Plain8 = new(Architecture.Plain, 8);

    [TestMethod]
    public void What_is_saved_is_loaded()
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 14, ShortcutPadding.Centred);
        var state = Initializer.Create(architecture, 3);
        var normalization = Normalization.Channel([0.1, 1.0 / 3, 0.3], [0.2, 1e-5, 3]);
        WeightsFile.Save(folder["w.safetensors"], architecture, normalization, state, new(Epoch: 7, TestError: 0.1 + 0.2, Seed: ulong.MaxValue, Dataset: "synthetic"));

        var read = WeightsFile.Load(folder["w.safetensors"]);
        Assert.AreEqual(architecture, read.Architecture);
        Assert.AreEqual(new WeightsOrigin(7, 0.1 + 0.2, ulong.MaxValue, "synthetic"), read.Origin);
        Assert.AreEqual("channel", read.Normalization.Name);
        CollectionAssert.AreEqual(normalization.Mean, read.Normalization.Mean);
        CollectionAssert.AreEqual(normalization.Std, read.Normalization.Std);
        Assert.AreEqual(state.Sha256(), read.State.Sha256());
        CollectionAssert.AreEqual(state.Tensors.Select(tensor => tensor.Name).ToArray(), read.State.Tensors.Select(tensor => tensor.Name).ToArray(), "the network's order");
        Assert.IsEmpty(read.Notices);
        Assert.AreEqual(NamingScheme.Own, read.Scheme);
        Assert.AreEqual("pt", read.Metadata["format"]);
        CollectionAssert.AreEqual(new[] { "w.safetensors" }, folder.Files, "no temporary file is left");
    }

    [TestMethod]
    public void The_mean_image_is_kept_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        var image = Enumerable.Range(0, 3072).Select(i => 1f / (i + 3)).ToArray();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Pixel(image), Initializer.Create(Plain8, 1));
        var read = WeightsFile.Load(folder["w"]).Normalization;
        Assert.AreEqual("pixel", read.Name);
        CollectionAssert.AreEqual(image, read.PixelMean);
    }
}
