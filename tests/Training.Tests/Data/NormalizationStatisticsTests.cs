using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class NormalizationStatisticsTests
{
    [TestMethod]
    public void Channel_is_mean_and_standard_deviation_of_each_channel()
    {
        var images = Synthetic.Create(60, 10).Train;
        var constants = NormalizationStatistics.Create("channel", images);
        Assert.AreEqual("channel", constants.Name);
        Assert.IsNull(constants.PixelMean);
        for (int c = 0; c < 3; c++)
        {
            double[] values = [.. Enumerable.Range(0, images.Count).SelectMany(i => images.Image(i).Slice(c * 1024, 1024).ToArray()).Select(v => v / 255.0)];
            double mean = values.Average();
            Assert.AreEqual(mean, constants.Mean[c], 1e-12);
            Assert.AreEqual(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), constants.Std[c], 1e-12);
        }
    }

    /// <summary>50,000 images half black and half white are the largest sums there are: mean and standard deviation are 1/2.</summary>
    [TestMethod]
    public void Channel_does_not_overflow()
    {
        const int count = 50_000;
        var pixels = new byte[count * LabelledImages.ImageBytes];
        pixels.AsSpan(pixels.Length / 2).Fill(255);
        var constants = NormalizationStatistics.Channel(new LabelledImages(pixels, new byte[count]));
        CollectionAssert.AreEqual(new[] { 0.5, 0.5, 0.5 }, constants.Mean);
        CollectionAssert.AreEqual(new[] { 0.5, 0.5, 0.5 }, constants.Std);
    }

    [TestMethod]
    public void Pixel_is_the_mean_image()
    {
        var images = Synthetic.Create(30, 10).Train;
        var constants = NormalizationStatistics.Create("pixel", images);
        Assert.AreEqual("pixel", constants.Name);
        for (int p = 0; p < LabelledImages.ImageBytes; p++)
            Assert.AreEqual(Enumerable.Range(0, images.Count).Average(i => images.Image(i)[p] / 255.0), constants.PixelMean![p], 1e-7);
    }

    [TestMethod]
    public void Reference_is_the_reference_projects()
    {
        Assert.AreSame(Normalization.Reference, NormalizationStatistics.Create("reference", Synthetic.Create(10, 10).Train));
        StringAssert.Contains(NormalizationStatistics.ReferenceNotice, "test images");
    }

    [TestMethod]
    public void Impossible_wishes_are_refused()
    {
        var none = new LabelledImages([], []);
        var flat = new LabelledImages(new byte[LabelledImages.ImageBytes], [0]);
        StringAssert.Contains(Refused(() => NormalizationStatistics.Create("whiten", flat)), "--normalize whiten: allowed are channel, pixel, reference");
        StringAssert.Contains(Refused(() => NormalizationStatistics.Create("channel", flat)), "all pixels of channel 0 are 0");
        StringAssert.Contains(Refused(() => NormalizationStatistics.Create("channel", none)), "at least one training image");
        StringAssert.Contains(Refused(() => NormalizationStatistics.Create("pixel", none)), "at least one training image");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<InvalidSettingException>(action).Message;
}
