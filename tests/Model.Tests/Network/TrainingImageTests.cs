using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Network;

[TestClass]
public sealed class TrainingImageTests
{
    private const int Side = AugmentSpec.Side;

    private static readonly byte[] Image = [.. Enumerable.Range(0, AugmentSpec.ImageSize).Select(i => (byte)(1 + i % 255))]; // (3, 32, 32), no black pixel

    [TestMethod]
    public void It_is_cropped_and_mirrored_as_the_seed_says()
    {
        var options = new NetworkOptions { Seed = 3 };
        var spec = new AugmentSpec(options.Normalization, Crop.Random, Flip: true, Seed: 3);
        for (int sample = 0; sample < 50; sample++)
        {
            var (dy, dx, mirror) = spec.Place(sample, epoch: 7);
            byte[] augmented = TrainingImage.Augment(options, Image, sample, epoch: 7);
            for (int i = 0; i < augmented.Length; i++)
            {
                int row = i / Side % Side + dy, column = (mirror ? Side - 1 - i % Side : i % Side) + dx;
                bool inside = row is >= 0 and < Side && column is >= 0 and < Side;
                Assert.AreEqual(inside ? Image[(i / (Side * Side) * Side + row) * Side + column] : 0, augmented[i], $"sample {sample}, byte {i}");
            }
        }
    }

    [TestMethod]
    public void Without_crop_and_mirroring_it_is_the_image() =>
        CollectionAssert.AreEqual(Image, TrainingImage.Augment(new() { Crop = Crop.None, Flip = false }, Image, sample: 1, epoch: 0));

    [TestMethod]
    public void Another_size_is_refused() =>
        Assert.Contains("3071 bytes", Assert.ThrowsExactly<InvalidSettingException>(() => TrainingImage.Augment(new(), Image.AsSpan(1), 0, 0)).Message);

    [TestMethod]
    [DataRow("cpu")]
    [DataRow("reference")]
    public void Logits_of_an_evaluation_are_those_of_inference(string device)
    {
        using var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = DeviceOptions.Parse(device), BatchSize = 5, Training = false });
        byte[] pixels = [.. Enumerable.Repeat(Image, 5).SelectMany((image, i) => image.Select(value => (byte)(value / (i + 1))))];
        using var images = network.LoadImages(pixels, [0, 1, 2, 3, 4]);
        float[] table = network.Options.Normalization.Table();
        float[] x = [.. pixels.Select((value, i) => table[i / 1024 % 3 * 256 + value])], evaluated = new float[3 * 10], inferred = new float[3 * 10];

        network.ResetTotals();
        network.Evaluate(images, first: 1, n: 3, evaluated);
        Assert.AreEqual(3, network.ReadTotals().Images);
        network.Infer(x.AsSpan(AugmentSpec.ImageSize, 3 * AugmentSpec.ImageSize), inferred);
        CollectionAssert.AreEqual(inferred, evaluated);
        Assert.ThrowsExactly<InvalidSettingException>(() => network.Evaluate(images, 0, 3, new float[29]));
    }
}
