using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class EpochOrderTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(50_000)]
    public void Is_a_permutation(int count)
    {
        int[] order = EpochOrder.Create(count, epoch: 3, seed: 1);
        Array.Sort(order);
        CollectionAssert.AreEqual(Enumerable.Range(0, count).ToArray(), order);
    }

    [TestMethod]
    public void Known_answer() =>
        Assert.AreEqual("3 1 6 0 5 4 2 9 8 7", string.Join(' ', EpochOrder.Create(10, epoch: 2, seed: 0x1_0000_0001)));

    [TestMethod]
    public void Differs_per_epoch_and_seed_and_can_be_had_again()
    {
        int[] order = EpochOrder.Create(1_000, 0, 0);
        CollectionAssert.AreEqual(order, EpochOrder.Create(1_000, 0, 0));
        CollectionAssert.AreNotEqual(order, EpochOrder.Create(1_000, 1, 0));
        CollectionAssert.AreNotEqual(order, EpochOrder.Create(1_000, 0, 1));
        CollectionAssert.AreNotEqual(order, EpochOrder.Create(1_000, 0, 1UL << 32));
    }

    /// <summary>Every one of the 24 orders of 4 images occurs about as often as any other (chi-square, 23 degrees of freedom, 99.99 %).</summary>
    [TestMethod]
    public void Every_order_is_as_likely_as_any_other()
    {
        const int epochs = 24_000;
        var counts = new Dictionary<string, int>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            string order = string.Concat(EpochOrder.Create(4, epoch, 5));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.HasCount(24, counts);
        Assert.IsLessThan(57.0, counts.Values.Sum(n => (n - epochs / 24.0) * (n - epochs / 24.0) / (epochs / 24.0)));
    }

    [TestMethod]
    public void Validation_split_divides_the_training_images()
    {
        var images = Numbered(100);
        var (train, validation) = ValidationSplit.Split(images, 20, seed: 7);
        Assert.AreEqual(80, train.Count);
        Assert.AreEqual(20, validation.Count);
        int[] kept = Numbers(train), held = Numbers(validation);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), kept.Concat(held).Order().ToArray());
        CollectionAssert.AreEqual(held.Order().ToArray(), held);
        CollectionAssert.AreEqual(kept.Order().ToArray(), kept);
        Assert.IsTrue(Enumerable.Range(0, validation.Count).All(i => validation.Labels[i] == held[i] % 10));
        CollectionAssert.AreNotEqual(held, Numbers(ValidationSplit.Split(images, 20, seed: 8).Validation));
        Assert.AreEqual("3 4 16 21 31 33 36 40 42 43 54 59 67 70 71 72 77 82 85 99", string.Join(' ', held));
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(0)]
    [DataRow(100)]
    [DataRow(5_000)]
    public void Validation_split_leaves_images_on_both_sides(int held)
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => ValidationSplit.Split(Numbered(100), held, 0));
        StringAssert.Contains(e.Message, $"--validation {held}: of 100 training images, 1 to 99 can be held back");
    }

    private static LabelledImages Numbered(int count)
    {
        var pixels = new byte[count * LabelledImages.ImageBytes];
        for (int i = 0; i < count; i++)
            pixels.AsSpan(i * LabelledImages.ImageBytes, LabelledImages.ImageBytes).Fill((byte)i);
        return new LabelledImages(pixels, [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);
    }

    private static int[] Numbers(LabelledImages images) => [.. Enumerable.Range(0, images.Count).Select(i => (int)images.Image(i)[^1])];
}
