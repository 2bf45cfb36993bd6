namespace CudnnResNet.Model.Tests;

[TestClass]
public sealed class ImageResizeTests
{
    private const int Side = 32, Plane = Side * Side;

    [TestMethod]
    public void A_picture_of_32x32_pixels_stays_as_it_is()
    {
        byte[] expected = TestData.Bytes(3 * Plane, "picture");
        var rgba = new byte[4 * Plane];
        for (int i = 0; i < Plane; i++) (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) = (expected[i], expected[Plane + i], expected[2 * Plane + i], 255);
        CollectionAssert.AreEqual(expected, Average(rgba, Side, Side));
    }

    [TestMethod]
    [DataRow(64, 64)]
    [DataRow(33, 32)]
    [DataRow(100, 75)]
    [DataRow(75, 100)]
    [DataRow(47, 47)]
    [DataRow(32, 31)]
    [DataRow(5, 7)]
    [DataRow(1, 1)]
    [DataRow(1, 40)]
    [DataRow(301, 2)]
    public void Each_result_is_the_mean_over_its_square(int width, int height)
    {
        byte[] rgba = TestData.Bytes(width * height * 4, $"{width}x{height}"), result = Average(rgba, width, height);
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < Side; y++)
            {
                for (int x = 0; x < Side; x++)
                    Assert.AreEqual(Mean(rgba, width, height, c, x, y), result[c * Plane + y * Side + x], 0.5 + 1e-6, $"channel {c}, row {y}, column {x}");
            }
        }
    }

    [TestMethod]
    public void Halves_are_rounded_up()
    {
        var rgba = new byte[64 * 64 * 4];
        for (int i = 0; i < rgba.Length; i += 4) (rgba[i], rgba[i + 3]) = ((byte)(i / 4 % 2), 255); // columns of 0 and 1: a mean of 0.5
        Assert.IsTrue(Average(rgba, 64, 64).Take(Plane).All(value => value == 1));
    }

    [TestMethod]
    [DataRow(0, 0, 255)]
    [DataRow(0, 255, 0)]
    [DataRow(100, 128, 177)] // (100 * 128 + 255 * 127) / 255 = 177.2
    public void Transparent_pixels_lie_over_white(int colour, int alpha, int expected)
    {
        var rgba = new byte[40 * 40 * 4];
        for (int i = 0; i < rgba.Length; i += 4) rgba[i] = rgba[i + 1] = rgba[i + 2] = (byte)colour;
        for (int i = 3; i < rgba.Length; i += 4) rgba[i] = (byte)alpha;
        Assert.IsTrue(Average(rgba, 40, 40).All(value => value == expected));
    }

    [TestMethod]
    public void What_a_transparent_pixel_hides_does_not_bleed_into_its_neighbours()
    {
        var rgba = new byte[64 * 64 * 4];
        for (int i = 0; i < rgba.Length; i += 4) (rgba[i], rgba[i + 3]) = i / 4 % 2 == 0 ? ((byte)0, (byte)255) : ((byte)200, (byte)0);
        Assert.IsTrue(Average(rgba, 64, 64).Take(Plane).All(value => value == 128), "half black, half white");
    }

    [TestMethod]
    public void Only_the_square_in_the_middle_counts()
    {
        var rgba = new byte[96 * 64 * 4];
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 96; x++) (rgba[(y * 96 + x) * 4], rgba[(y * 96 + x) * 4 + 3]) = (x is >= 16 and < 80 ? (byte)7 : (byte)255, 255);
        }
        Assert.IsTrue(Average(rgba, 96, 64).Take(Plane).All(value => value == 7));
    }

    /// <summary>A letter F in its eight positions: what a viewer that knows EXIF shows is always the same F.</summary>
    [TestMethod]
    [DataRow(ExifOrientation.TopLeft, "####|#...|##..|#...")]
    [DataRow(ExifOrientation.TopRight, "####|...#|..##|...#")]
    [DataRow(ExifOrientation.BottomRight, "...#|..##|...#|####")]
    [DataRow(ExifOrientation.BottomLeft, "#...|##..|#...|####")]
    [DataRow(ExifOrientation.LeftTop, "####|#.#.|#...|#...")]
    [DataRow(ExifOrientation.RightTop, "#...|#...|#.#.|####")]
    [DataRow(ExifOrientation.RightBottom, "...#|...#|.#.#|####")]
    [DataRow(ExifOrientation.LeftBottom, "####|.#.#|...#|...#")]
    public void Every_orientation_comes_out_upright(ExifOrientation orientation, string stored)
    {
        string[] rows = stored.Split('|');
        var rgba = new byte[4 * 4 * 4];
        for (int i = 0; i < 16; i++) (rgba[i * 4], rgba[i * 4 + 3]) = (rows[i / 4][i % 4] == '#' ? (byte)0 : (byte)255, 255);
        byte[] result = Average(rgba, 4, 4, orientation);
        string shown = string.Join('|', Enumerable.Range(0, 4).Select(y => string.Concat(Enumerable.Range(0, 4).Select(x => result[(y * 8 + 4) * Side + x * 8 + 4] == 0 ? '#' : '.'))));
        Assert.AreEqual("####|#...|##..|#...", shown);
    }

    [TestMethod]
    public void A_turned_picture_is_averaged_to_the_same_bytes()
    {
        // An odd margin: half a pixel on either side of the square.
        byte[] upright = TestData.Bytes(71 * 50 * 4, "turned"), turned = new byte[upright.Length];
        for (int y = 0; y < 50; y++)
        {
            for (int x = 0; x < 71; x++) upright.AsSpan((y * 71 + x) * 4, 4).CopyTo(turned.AsSpan(((70 - x) * 50 + y) * 4)); // stored turned left
        }
        CollectionAssert.AreEqual(Average(upright, 71, 50), Average(turned, 50, 71, ExifOrientation.RightTop));
    }

    [TestMethod]
    public void The_largest_square_does_not_overflow()
    {
        // One row of the widest picture: white stays white.
        var rgba = new byte[ImageResize.MaxSide * 4];
        rgba.AsSpan().Fill(255);
        Assert.IsTrue(Average(rgba, ImageResize.MaxSide, 1).All(value => value == 255));
        Assert.IsLessThan(long.MaxValue / 255.0, 4.0 * ImageResize.MaxSide * ImageResize.MaxSide * 255);
    }

    [TestMethod]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Refused(() => Average(new byte[4], 0, 1), "0x1 pixels");
        Refused(() => Average([], 1, 0), "1x0 pixels");
        Refused(() => Average(new byte[4], 65_536, 1), "65536x1 pixels is not within 1..65535");
        Refused(() => Average(new byte[15], 2, 2), "15 bytes are not 2x2 pixels of 4");
        Refused(() => ImageResize.AverageToInput(new byte[4], 1, 1, new byte[3071]), "3071 bytes");
        Refused(() => Average(new byte[4], 1, 1, (ExifOrientation)9), "orientation 9 is not within 1..8");

        static void Refused(Action action, string text) => Assert.Contains(text, Assert.ThrowsExactly<InvalidSettingException>(action).Message);
    }

    private static byte[] Average(byte[] rgba, int width, int height, ExifOrientation orientation = ExifOrientation.TopLeft)
    {
        var result = new byte[ImageResize.ResultBytes];
        ImageResize.AverageToInput(rgba, width, height, result, orientation);
        return result;
    }

    /// <summary>The definition, in floating point: the integral of the picture over the square, by its area.</summary>
    private static double Mean(byte[] rgba, int width, int height, int channel, int column, int row)
    {
        double side = Math.Min(width, height), cell = side / Side, left = (width - side) / 2 + column * cell, top = (height - side) / 2 + row * cell, sum = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double area = Overlap(x, left, cell) * Overlap(y, top, cell);
                if (area == 0) continue;
                int pixel = (y * width + x) * 4;
                double alpha = rgba[pixel + 3] / 255.0;
                sum += area * (rgba[pixel + channel] * alpha + 255 * (1 - alpha));
            }
        }
        return sum / (cell * cell);

        static double Overlap(int pixel, double from, double length) => Math.Max(0, Math.Min(from + length, pixel + 1) - Math.Max(from, pixel));
    }
}
