using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>How a picture has to be turned or mirrored to be upright: the values of EXIF's Orientation tag.</summary>
public enum ExifOrientation
{
    /// <summary>As it is stored.</summary>
    TopLeft = 1,

    /// <summary>Mirrored left to right.</summary>
    TopRight = 2,

    /// <summary>Turned by 180 degrees.</summary>
    BottomRight = 3,

    /// <summary>Mirrored top to bottom.</summary>
    BottomLeft = 4,

    /// <summary>Rows and columns exchanged.</summary>
    LeftTop = 5,

    /// <summary>To be turned clockwise by 90 degrees.</summary>
    RightTop = 6,

    /// <summary>Rows and columns exchanged along the other diagonal.</summary>
    RightBottom = 7,

    /// <summary>To be turned anticlockwise by 90 degrees.</summary>
    LeftBottom = 8,
}

/// <summary>Brings pictures of any size to the networks' 32x32 pixels.</summary>
/// <remarks>
/// The largest square in the middle is cut out, so that nothing is squeezed, and cut into 32x32 equal squares. A pixel of the result is the
/// mean of the picture over its square, pixels of the border with the share of them that lies inside, blended over white where the picture is
/// transparent. All of it is integer arithmetic, rounded once: a picture of 32x32 pixels stays as it is, bit for bit.
/// </remarks>
public static class ImageResize
{
    private const int Side = AugmentSpec.Side, Plane = Side * Side, Colours = 3, RgbaBytes = 4;

    /// <summary>Rows and columns of the result.</summary>
    public const int ResultSide = Side;

    /// <summary>Bytes of the result: (3, 32, 32).</summary>
    public const int ResultBytes = AugmentSpec.ImageSize;

    /// <summary>Largest width and height; sums over a square of that size stay within 64 bits.</summary>
    public const int MaxSide = 65_535;

    /// <summary>Averages the square in the middle of a picture to 32x32 pixels.</summary>
    /// <param name="rgba">(height, width, 4) bytes: red, green, blue and alpha, not multiplied by it; 255 is opaque.</param>
    /// <param name="width">Columns, 1..<see cref="MaxSide"/>.</param>
    /// <param name="height">Rows, 1..<see cref="MaxSide"/>.</param>
    /// <param name="result">(3, 32, 32) bytes, red before green before blue: what <see cref="Predictor.Classify"/> takes.</param>
    /// <param name="orientation">How the picture is turned upright.</param>
    /// <exception cref="InvalidSettingException">A size or a length is not as described, or there is no such orientation.</exception>
    public static void AverageToInput(ReadOnlySpan<byte> rgba, int width, int height, Span<byte> result, ExifOrientation orientation = ExifOrientation.TopLeft)
    {
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide) throw new InvalidSettingException($"a picture of {width}x{height} pixels is not within 1..{MaxSide} each way");
        if (rgba.Length != (long)width * height * RgbaBytes) throw new InvalidSettingException($"{rgba.Length} bytes are not {width}x{height} pixels of {RgbaBytes}");
        if (result.Length != ResultBytes) throw new InvalidSettingException($"a result of {result.Length} bytes is not one of {ResultBytes} (3, 32, 32)");
        if (!Enum.IsDefined(orientation)) throw new InvalidSettingException($"orientation {(int)orientation} is not within 1..8");

        int side = Math.Min(width, height);
        Cuts columns = new(width, side), rows = new(height, side);
        // A cell is 2 side units wide and high (see Cuts), and every colour is multiplied by 255 with its alpha.
        long whole = 4L * side * side * byte.MaxValue;
        Span<long> row = stackalloc long[Side * Colours], sums = stackalloc long[Side * Colours];
        for (int y = 0; y < Side; y++)
        {
            sums.Clear();
            var (first, end) = rows.Pixels(y);
            for (int pixel = first; pixel < end; pixel++)
            {
                SumRow(rgba.Slice(pixel * width * RgbaBytes, width * RgbaBytes), columns, row);
                long share = rows.Share(y, pixel);
                for (int i = 0; i < row.Length; i++) sums[i] += share * row[i];
            }
            for (int x = 0; x < Side; x++)
            {
                int place = Upright(x, y, orientation);
                for (int c = 0; c < Colours; c++) result[c * Plane + place] = (byte)((sums[x * Colours + c] + whole / 2) / whole);
            }
        }
    }

    /// <summary>One row of the picture, summed over the columns of each cell: (32, 3), colours times 255 over white.</summary>
    private static void SumRow(ReadOnlySpan<byte> pixels, Cuts columns, Span<long> sums)
    {
        for (int x = 0; x < Side; x++)
        {
            long red = 0, green = 0, blue = 0;
            var (first, end) = columns.Pixels(x);
            for (int i = first; i < end; i++)
            {
                var pixel = pixels.Slice(i * RgbaBytes, RgbaBytes);
                int alpha = pixel[3], white = byte.MaxValue * (byte.MaxValue - alpha);
                long share = columns.Share(x, i);
                red += share * (pixel[0] * alpha + white);
                green += share * (pixel[1] * alpha + white);
                blue += share * (pixel[2] * alpha + white);
            }
            (sums[x * Colours], sums[x * Colours + 1], sums[x * Colours + 2]) = (red, green, blue);
        }
    }

    /// <summary>Where a pixel of the result goes once the picture is upright, y * 32 + x.</summary>
    private static int Upright(int x, int y, ExifOrientation orientation)
    {
        const int last = Side - 1;
        var (column, row) = orientation switch
        {
            ExifOrientation.TopRight => (last - x, y),
            ExifOrientation.BottomRight => (last - x, last - y),
            ExifOrientation.BottomLeft => (x, last - y),
            ExifOrientation.LeftTop => (y, x),
            ExifOrientation.RightTop => (last - y, x),
            ExifOrientation.RightBottom => (last - y, last - x),
            ExifOrientation.LeftBottom => (y, last - x),
            _ => (x, y),
        };
        return row * Side + column;
    }

    /// <summary>
    /// How the middle of a length is cut into 32 cells. The unit is 1/64 of a pixel: then the middle begins at 32 (length - side) units and a
    /// cell is 2 side of them, whole numbers all.
    /// </summary>
    private readonly struct Cuts(int length, int side)
    {
        private const int Unit = 2 * Side;
        private readonly long begin = (long)Side * (length - side), cell = 2L * side;

        /// <summary>The pixels that have a part in a cell: the first one, and the one after the last.</summary>
        public (int First, int End) Pixels(int number)
        {
            long from = begin + number * cell;
            return ((int)(from / Unit), (int)((from + cell + Unit - 1) / Unit));
        }

        /// <summary>Units of a pixel that lie inside a cell that it has a part in.</summary>
        public long Share(int number, int pixel)
        {
            long from = begin + number * cell, left = (long)pixel * Unit;
            return Math.Min(from + cell, left + Unit) - Math.Max(from, left);
        }
    }
}
