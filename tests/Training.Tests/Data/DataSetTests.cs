using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class DataSetTests
{
    [TestMethod]
    [DataRow("cifar10")]
    [DataRow("synthetic")]
    [DataRow("auto")]
    [DataRow("")]
    [DataRow("../shapes")]
    [DataRow("my shapes")]
    [DataRow(".shapes")]
    public void Names_that_are_taken_or_no_names_are_refused(string name)
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new DataSet(name, Images(3), Images(3), "drawn", ["a", "b", "c"]));
        StringAssert.Contains(e.Message, $"'{name}'");
    }

    [TestMethod]
    public void Class_names_and_images_must_agree()
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new DataSet("shapes", Images(3), Images(4), "drawn", ["a", "b", "c"]));
        StringAssert.Contains(e.Message, "data set shapes has 3 class names, training images of 3 classes and test images of 4");
        e = Assert.ThrowsExactly<InvalidSettingException>(() => new DataSet("shapes", Images(3), Images(3), "drawn", ["a", "b", " "]));
        StringAssert.Contains(e.Message, "a class named ' '");
    }

    [TestMethod]
    public void Both_parts_need_images()
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => new DataSet("shapes", Images(3), new LabelledImages([], [], 3), "drawn", ["a", "b", "c"]));
        StringAssert.Contains(e.Message, "3 training and 0 test images: both must be at least 1");
    }

    [TestMethod]
    public void Only_the_built_in_ones_are_not_own()
    {
        var own = new DataSet("shapes", Images(3), Images(3), "drawn", ["a", "b", "c"]);
        Assert.IsTrue(own is { IsOwn: true, IsSynthetic: false });
        Assert.IsTrue(Synthetic.Create(10, 10) is { IsOwn: false, IsSynthetic: true });
    }

    private static LabelledImages Images(int classes) =>
        new(new byte[classes * LabelledImages.ImageBytes], [.. Enumerable.Range(0, classes).Select(label => (byte)label)], classes);
}
