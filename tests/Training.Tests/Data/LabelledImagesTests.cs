using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class LabelledImagesTests
{
    [TestMethod]
    public void Lengths_must_belong_together()
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new LabelledImages(new byte[3071], [0]));
        StringAssert.Contains(e.Message, "1 labels need 3072 pixel bytes (N, 3, 32, 32), not 3071");
    }

    [TestMethod]
    public void A_label_must_be_below_10()
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new LabelledImages(new byte[3 * 3072], [9, 0, 10]));
        StringAssert.Contains(e.Message, "label 10 of image 2 is not below 10");
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(100)]
    [DataRow(256)]
    public void The_number_of_classes_can_be_another(int classes)
    {
        var images = new LabelledImages(new byte[2 * 3072], [0, (byte)(classes - 1)], classes);
        Assert.AreEqual(classes, images.Select([1, 0]).Classes);
        Assert.HasCount(classes, images.CountPerClass());
        if (classes < 256) Assert.ThrowsExactly<InvalidSettingException>(() => new LabelledImages(new byte[3072], [(byte)classes], classes));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(257)]
    public void Labels_are_bytes_and_one_class_is_none(int classes)
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new LabelledImages(new byte[3072], [0], classes));
        StringAssert.Contains(e.Message, $"{classes} classes are not within 2..256");
    }

    [TestMethod]
    public void Select_keeps_pixels_with_labels()
    {
        var images = Synthetic.Create(10, 10).Train;
        var chosen = images.Select([7, 2, 7]);
        CollectionAssert.AreEqual(new byte[] { 7, 2, 7 }, chosen.Labels);
        Assert.IsTrue(chosen.Image(1).SequenceEqual(images.Image(2)));
        Assert.IsTrue(chosen.Image(2).SequenceEqual(images.Image(7)));
    }
}
