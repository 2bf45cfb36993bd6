using CudnnResNet.Runner.Reporting;
using SkiaSharp;

namespace CudnnResNet.Runner.Tests.Reporting;

[TestClass]
public sealed class PictureTests
{
    private static readonly byte[] Image = [.. Enumerable.Range(0, 3 * 32 * 32).Select(i => (byte)(i * 7))]; // (3, 32, 32)

    [TestMethod]
    public void A_png_has_every_pixel_of_the_image()
    {
        using var png = SKBitmap.Decode(Picture.OfImage(Image).ToPng());
        Assert.AreEqual((32, 32), (png.Width, png.Height));
        for (int y = 0; y < 32; y++)
        {
            for (int x = 0; x < 32; x++)
                Assert.AreEqual(new SKColor(Image[y * 32 + x], Image[1024 + y * 32 + x], Image[2048 + y * 32 + x]), png.GetPixel(x, y));
        }
    }

    [TestMethod]
    public void A_filter_is_grey_where_it_is_0_and_full_where_its_largest_weight_is()
    {
        var weights = new float[27];
        (weights[0], weights[9 + 4], weights[18 + 8]) = (0.5f, -0.5f, 0.25f); // red top left, green in the middle, blue bottom right
        using var png = SKBitmap.Decode(Picture.OfFilter(weights).ToPng());
        Assert.AreEqual(new SKColor(255, 128, 128), png.GetPixel(0, 0));
        Assert.AreEqual(new SKColor(128, 0, 128), png.GetPixel(1, 1));
        Assert.AreEqual(new SKColor(128, 128, 191), png.GetPixel(2, 2));
        Assert.AreEqual(new SKColor(128, 128, 128), png.GetPixel(1, 0));
        using var zero = SKBitmap.Decode(Picture.OfFilter(new float[27]).ToPng());
        Assert.AreEqual(new SKColor(128, 128, 128), zero.GetPixel(0, 0));
    }

    [TestMethod]
    public void A_sheet_enlarges_without_smoothing_and_writes_below()
    {
        using var sheet = SKBitmap.Decode(Sheet.Draw("title", 2, 64, [new(Picture.OfImage(Image), "airplane (0)"), new(Picture.OfImage(Image), "ship (8)")]));
        // Below a margin, a line of title and a gap lie blocks of 2x2 pixels of one colour.
        int left = 16, top = 16 + 18 + 14;
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 64; x++)
                Assert.AreEqual(new SKColor(Image[y / 2 * 32 + x / 2], Image[1024 + y / 2 * 32 + x / 2], Image[2048 + y / 2 * 32 + x / 2]), sheet.GetPixel(left + x, top + y));
        }
        Assert.IsTrue(HasInk(sheet, SKRectI.Create(left, 10, 60, 26)), "no title");
        Assert.IsTrue(HasInk(sheet, SKRectI.Create(left, top + 64, 60, 17)), "no label");
    }

    [TestMethod]
    public void The_files_of_a_network_are_its_five_pictures()
    {
        var files = InspectionFiles.Of(SamplePage.Network).ToDictionary(file => file.Name, file => file.Content);
        CollectionAssert.AreEquivalent(new[] { "confusion.png", "mistakes.png", "samples-train.png", "samples-test.png", "filters.png" }, files.Keys);
        foreach (var (name, content) in files)
        {
            using var picture = SKBitmap.Decode(content);
            Assert.IsTrue(HasInk(picture, SKRectI.Create(10, 10, 200, 26)), $"{name} has no title");
        }
        using var confusion = SKBitmap.Decode(files["confusion.png"]);
        Assert.IsTrue(HasInk(confusion, SKRectI.Create(16, 150, 120, 30)), "no class is named");
    }

    private static bool HasInk(SKBitmap picture, SKRectI place)
    {
        for (int y = place.Top; y < place.Bottom; y++)
        {
            for (int x = place.Left; x < place.Right; x++)
                if (picture.GetPixel(x, y) is { Red: < 100, Green: < 100, Blue: < 100 }) return true;
        }
        return false;
    }
}
