using System.Security.Cryptography;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class SyntheticTests
{
    [TestMethod]
    public void The_default_set_has_the_same_bytes_everywhere()
    {
        var set = Synthetic.Create();
        Assert.AreEqual("synthetic", set.Name);
        Assert.IsTrue(set.IsSynthetic);
        Assert.AreEqual("88dbca80e954e3d795f5a22bbda29b24c9e611f97bf08188e244bf3b780fa817", Hash(set.Train));
        Assert.AreEqual("9461ccd2901790b32a95488434caf360fa95f79d370d5a72503cbcb7bc551504", Hash(set.Test));
    }

    [TestMethod]
    public void Classes_are_of_equal_size()
    {
        var set = Synthetic.Create(500, 200);
        CollectionAssert.AreEqual(Enumerable.Repeat(50, 10).ToArray(), set.Train.CountPerClass());
        CollectionAssert.AreEqual(Enumerable.Repeat(20, 10).ToArray(), set.Test.CountPerClass());
        Assert.HasCount(10, set.ClassNames);
    }

    [TestMethod]
    public void An_image_depends_on_seed_set_and_index_only()
    {
        var small = Synthetic.Create(20, 10);
        var large = Synthetic.Create(300, 100);
        CollectionAssert.AreEqual(small.Train.Pixels, large.Train.Pixels[..small.Train.Pixels.Length]);
        CollectionAssert.AreEqual(small.Test.Pixels, large.Test.Pixels[..small.Test.Pixels.Length]);
        CollectionAssert.AreNotEqual(small.Test.Pixels, small.Train.Pixels[..small.Test.Pixels.Length]);
        CollectionAssert.AreNotEqual(small.Train.Pixels, Synthetic.Create(20, 10, seed: 1).Train.Pixels);
    }

    [TestMethod]
    public void No_two_images_are_alike()
    {
        var set = Synthetic.Create(2_000, 500);
        var seen = new HashSet<string>();
        foreach (var images in (LabelledImages[])[set.Train, set.Test])
            for (int i = 0; i < images.Count; i++)
                Assert.IsTrue(seen.Add(Convert.ToHexString(SHA256.HashData(images.Image(i)))), $"image {i} occurs twice");
    }

    /// <summary>Guessing scores 10 %; a classifier that sees colours only must stay below 20 %.</summary>
    [TestMethod]
    public void Mean_colour_does_not_separate_the_classes()
    {
        var set = Synthetic.Create(5_000, 2_000);
        var centres = new double[10, 3];
        for (int i = 0; i < set.Train.Count; i++)
            for (int c = 0; c < 3; c++)
                centres[set.Train.Labels[i], c] += MeanColour(set.Train.Image(i))[c] / (set.Train.Count / 10);

        int right = 0;
        for (int i = 0; i < set.Test.Count; i++)
        {
            double[] colour = MeanColour(set.Test.Image(i));
            int nearest = Enumerable.Range(0, 10).MinBy(k => Enumerable.Range(0, 3).Sum(c => (colour[c] - centres[k, c]) * (colour[c] - centres[k, c])));
            right += nearest == set.Test.Labels[i] ? 1 : 0;
        }
        Assert.IsLessThan(0.2, right / (double)set.Test.Count);
    }

    [TestMethod]
    public void A_set_without_images_is_refused()
    {
        Assert.ThrowsExactly<InvalidSettingException>(() => Synthetic.Create(0, 10));
        Assert.ThrowsExactly<InvalidSettingException>(() => Synthetic.Create(10, 0));
    }

    private static double[] MeanColour(ReadOnlySpan<byte> image)
    {
        var mean = new double[3];
        for (int p = 0; p < image.Length; p++)
            mean[p / 1024] += image[p] / 1024.0;
        return mean;
    }

    private static string Hash(LabelledImages images) => Convert.ToHexStringLower(SHA256.HashData([.. images.Pixels, .. images.Labels]));
}
