using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>Which windows the crops take, and how often. That every device takes the same is in <see cref="AugmentConformanceTests"/>.</summary>
[TestClass]
public sealed class CropTests
{
    private const int Samples = 40_000;

    [TestMethod]
    public void Five_takes_the_corners_and_the_centre_of_the_padded_image_equally_often()
    {
        var counts = Count(Crop.Five);
        // Windows of 32x32 in the 40x40 image begin at 0 or 8, or at 4 in the middle: relative to the image -4, 4 and 0.
        CollectionAssert.AreEquivalent(new[] { (-4, -4), (-4, 4), (4, -4), (4, 4), (0, 0) }, counts.Keys.ToArray());
        AssertEven(counts.Values, 5);
    }

    [TestMethod]
    public void Random_takes_each_of_81_windows_equally_often()
    {
        var counts = Count(Crop.Random);
        Assert.HasCount(81, counts);
        Assert.AreEqual((-4, 4), (counts.Keys.Min(place => place.Dy), counts.Keys.Max(place => place.Dx)));
        AssertEven(counts.Values, 81);
    }

    [TestMethod]
    public void None_takes_the_image_as_it_is() => CollectionAssert.AreEqual(new[] { (0, 0) }, Count(Crop.None).Keys.ToArray());

    [TestMethod]
    [DataRow(-4, -4)]
    [DataRow(-4, 4)]
    [DataRow(4, -4)]
    [DataRow(4, 4)]
    [DataRow(0, 0)]
    public void A_window_shows_this_part_of_the_padded_image(int dy, int dx)
    {
        // Pixel values are the places, from 1 on; black is 0.
        const int side = AugmentSpec.Side, padded = side + 2 * AugmentSpec.Padding;
        var image = new byte[AugmentSpec.ImageSize];
        for (int i = 0; i < image.Length; i++) image[i] = (byte)(1 + i % 251);
        var table = Enumerable.Range(0, 3 * 256).Select(i => (float)(i % 256)).ToArray();
        var x = new float[AugmentSpec.ImageSize];
        AugmentSpec.Pixels(image, (dy, dx, Mirror: false), table, [], x);

        for (int c = 0; c < 3; c++)
        {
            var canvas = new float[padded, padded];
            for (int i = 0; i < side * side; i++) canvas[i / side + AugmentSpec.Padding, i % side + AugmentSpec.Padding] = image[c * side * side + i];
            for (int i = 0; i < side * side; i++)
                Assert.AreEqual(canvas[i / side + AugmentSpec.Padding + dy, i % side + AugmentSpec.Padding + dx], x[c * side * side + i], $"channel {c}, pixel {i}");
        }
    }

    private static Dictionary<(int Dy, int Dx), int> Count(Crop crop)
    {
        var spec = new AugmentSpec(Normalization.Reference, crop, Flip: true, Seed: 7);
        var counts = new Dictionary<(int Dy, int Dx), int>();
        for (int sample = 0; sample < Samples; sample++)
        {
            var (dy, dx, _) = spec.Place(sample, epoch: 3);
            counts[(dy, dx)] = counts.GetValueOrDefault((dy, dx)) + 1;
        }
        return counts;
    }

    /// <summary>Each within five standard deviations of its share.</summary>
    private static void AssertEven(IEnumerable<int> counts, int places)
    {
        double share = (double)Samples / places, deviation = Math.Sqrt(share * (1 - 1.0 / places));
        foreach (int count in counts) Assert.AreEqual(share, count, 5 * deviation);
    }
}
