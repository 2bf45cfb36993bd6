using System.Numerics;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>The three passes of a convolution, with sums of 32-bit floats in an order that depends on shape and algorithm only.</summary>
/// <param name="shape">The convolution.</param>
/// <param name="tf32">Whether what is multiplied is rounded to TF32.</param>
/// <param name="backwards">Whether sums begin at the last tap: another algorithm rounds differently.</param>
internal sealed unsafe class ConvolutionMath(ConvolutionShape shape, bool tf32, bool backwards)
{
    // Output channels computed together, so that what is read of the image is used that often.
    private const int Block = 4;

    private (int H, int W) Kernel => (shape.W.H, shape.W.W);

    /// <summary>y = conv(x, w).</summary>
    public float[] Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        using var image = new TapImage(shape.X, Kernel, (shape.Y.H, shape.Y.W), shape.Pad, (1, 1), shape.Stride, shape.Dilation);
        return Correlate(image, shape.X, x, Pack(w, transposed: false), shape.Y);
    }

    /// <summary>dx: dy with zeros between its pixels, correlated with w turned by 180 degrees.</summary>
    public float[] BackwardData(ReadOnlySpan<float> w, ReadOnlySpan<float> dy)
    {
        (int H, int W) offset = ((Kernel.H - 1) * shape.Dilation.H - shape.Pad.H, (Kernel.W - 1) * shape.Dilation.W - shape.Pad.W);
        using var image = new TapImage(shape.Y, Kernel, (shape.X.H, shape.X.W), offset, shape.Stride, (1, 1), shape.Dilation);
        return Correlate(image, shape.Y, dy, Pack(w, transposed: true), shape.X);
    }

    /// <summary>dw: for each tap the products of dy with what the tap read of x, added up over images and pixels.</summary>
    public float[] BackwardFilter(ReadOnlySpan<float> x, ReadOnlySpan<float> dy)
    {
        using var image = new TapImage(shape.X, Kernel, (shape.Y.H, shape.Y.W), shape.Pad, (1, 1), shape.Stride, shape.Dilation);
        var sums = new double[shape.W.Elements];
        for (int n = 0; n < shape.X.N; n++)
        {
            image.Load(x.Slice(n * shape.X.Image, shape.X.Image), tf32);
            AddFilterGradient(image, Rows(dy.Slice(n * shape.Y.Image, shape.Y.Image)), sums);
        }
        var dw = new float[sums.Length];
        int window = shape.W.Plane;
        for (int i = 0; i < dw.Length; i++) dw[i] = (float)sums[shape.Flipped ? i - i % window + window - 1 - i % window : i];
        return dw;
    }

    // The result (N, K, P, Q) of the images (N, C, H, W) with K packed filters.
    private float[] Correlate(TapImage image, TensorShape from, ReadOnlySpan<float> images, float[] packed, TensorShape to)
    {
        int[] taps = backwards ? [.. image.Taps.Reverse()] : image.Taps;
        var result = new float[to.Elements];
        for (int n = 0; n < to.N; n++)
        {
            image.Load(images.Slice(n * from.Image, from.Image), tf32);
            for (int k = 0; k < to.C; k += Block)
                CorrelateBlock(image, taps, packed.AsSpan(k * taps.Length), result.AsSpan(n * to.Image + k * to.Plane, Math.Min(Block, to.C - k) * to.Plane));
        }
        return result;
    }

    private static void CorrelateBlock(TapImage image, int[] taps, ReadOnlySpan<float> packed, Span<float> planes)
    {
        var (height, width) = image.Output;
        Span<float> tile = stackalloc float[Block * Vector<float>.Count];
        fixed (float* firstWeight = packed)
        {
            for (int row = 0; row < height; row++)
            {
                for (int column = 0; column < width; column += Vector<float>.Count)
                {
                    float* pixels = image.Data + (long)row * image.OutputRow + column;
                    float* weight = firstWeight;
                    Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                    foreach (int tap in taps)
                    {
                        Vector<float> value = Vector.Load(pixels + tap);
                        sum0 = Vector.FusedMultiplyAdd(new(weight[0]), value, sum0);
                        sum1 = Vector.FusedMultiplyAdd(new(weight[1]), value, sum1);
                        sum2 = Vector.FusedMultiplyAdd(new(weight[2]), value, sum2);
                        sum3 = Vector.FusedMultiplyAdd(new(weight[3]), value, sum3);
                        weight += Block;
                    }
                    sum0.CopyTo(tile);
                    sum1.CopyTo(tile[Vector<float>.Count..]);
                    sum2.CopyTo(tile[(2 * Vector<float>.Count)..]);
                    sum3.CopyTo(tile[(3 * Vector<float>.Count)..]);
                    int valid = Math.Min(Vector<float>.Count, width - column);
                    for (int k = 0; k < planes.Length / (height * width); k++)
                        tile.Slice(k * Vector<float>.Count, valid).CopyTo(planes[((k * height + row) * width + column)..]);
                }
            }
        }
    }

    // Filters in blocks of four, each block's four weights of a tap side by side, in the order in which the taps are added. Missing filters are zero.
    private float[] Pack(ReadOnlySpan<float> w, bool transposed)
    {
        int filters = transposed ? shape.W.C : shape.W.N, channels = transposed ? shape.W.N : shape.W.C, window = shape.W.Plane;
        int taps = channels * window;
        // Cross-correlation is flipped on its way back.
        bool turned = shape.Flipped != transposed;
        var packed = new float[(filters + Block - 1) / Block * Block * taps];
        for (int filter = 0; filter < filters; filter++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int source = (transposed ? channel * filters + filter : filter * channels + channel) * window;
                for (int i = 0; i < window; i++)
                {
                    float value = w[source + (turned ? window - 1 - i : i)];
                    int tap = channel * window + i;
                    packed[(filter / Block * taps + (backwards ? taps - 1 - tap : tap)) * Block + filter % Block] = tf32 ? Tf32.Round(value) : value;
                }
            }
        }
        return packed;
    }

    // One image's dy with rows of whole vectors, and with zero planes up to a whole block.
    private float[] Rows(ReadOnlySpan<float> dy)
    {
        int width = shape.Y.W, whole = TapImage.Whole(width);
        var rows = new float[(shape.Y.C + Block - 1) / Block * Block * shape.Y.H * whole];
        for (int row = 0; row < shape.Y.C * shape.Y.H; row++)
            for (int i = 0; i < width; i++) rows[row * whole + i] = tf32 ? Tf32.Round(dy[row * width + i]) : dy[row * width + i];
        return rows;
    }

    private void AddFilterGradient(TapImage image, float[] rows, double[] sums)
    {
        int planeFloats = shape.Y.H * TapImage.Whole(shape.Y.W);
        fixed (float* dy = rows)
        {
            for (int k = 0; k < shape.Y.C; k += Block)
            {
                for (int tap = 0; tap < image.Taps.Length; tap++)
                {
                    var (sum0, sum1, sum2, sum3) = TapProducts(image, image.Data + image.Taps[tap], dy + (long)k * planeFloats, planeFloats);
                    Span<double> column = sums.AsSpan(k * image.Taps.Length + tap);
                    column[0] += sum0;
                    if (k + 1 < shape.Y.C) column[image.Taps.Length] += sum1;
                    if (k + 2 < shape.Y.C) column[2 * image.Taps.Length] += sum2;
                    if (k + 3 < shape.Y.C) column[3 * image.Taps.Length] += sum3;
                }
            }
        }
    }

    // What lies behind a row's end in the image may be no number, so it is masked and not left to dy's zeros.
    private (float, float, float, float) TapProducts(TapImage image, float* pixels, float* dy, int planeFloats)
    {
        int width = shape.Y.W, whole = TapImage.Whole(width);
        Vector<int> lastLanes = Vector.LessThan(Vector<int>.Indices, new(width - whole + Vector<float>.Count));
        Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int row = 0; row < shape.Y.H; row++)
        {
            for (int column = 0; column < whole; column += Vector<float>.Count)
            {
                Vector<float> value = Vector.Load(pixels + (long)row * image.OutputRow + column);
                if (column + Vector<float>.Count > width) value = Vector.ConditionalSelect(lastLanes, value, Vector<float>.Zero);
                float* gradient = dy + row * whole + column;
                sum0 = Vector.FusedMultiplyAdd(Vector.Load(gradient), value, sum0);
                sum1 = Vector.FusedMultiplyAdd(Vector.Load(gradient + planeFloats), value, sum1);
                sum2 = Vector.FusedMultiplyAdd(Vector.Load(gradient + 2 * planeFloats), value, sum2);
                sum3 = Vector.FusedMultiplyAdd(Vector.Load(gradient + 3 * planeFloats), value, sum3);
            }
        }
        return (Vector.Sum(sum0), Vector.Sum(sum1), Vector.Sum(sum2), Vector.Sum(sum3));
    }
}
