using System.Numerics;
using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>
/// An image laid out so that every tap of a filter reads consecutive floats for consecutive outputs: zeros around it, zeros between its
/// pixels where asked for, and with a stride of s the columns of each row sorted by their remainder by s. Rows have room for whole vectors.
/// </summary>
internal sealed unsafe class TapImage : IDisposable
{
    private readonly int channels, height, width;
    private readonly int rows;
    private readonly int phaseFloats;
    private readonly int strideW;
    private readonly int top;
    private readonly int spread;
    private readonly int[] columns;
    private readonly float* data;

    /// <summary>Makes room, filled with zeros.</summary>
    /// <param name="image">The image (1, C, H, W).</param>
    /// <param name="taps">The filter's rows and columns.</param>
    /// <param name="output">The output's rows and columns.</param>
    /// <param name="offset">Where the image's first pixel lies, below and to the right of the first tap of the first output; may be negative.</param>
    /// <param name="spread">How far the image's pixels lie apart; zeros between.</param>
    /// <param name="stride">From one output to the next.</param>
    /// <param name="dilation">From one tap to the next.</param>
    public TapImage(TensorShape image, (int H, int W) taps, (int H, int W) output, (int H, int W) offset, (int H, int W) spread, (int H, int W) stride, (int H, int W) dilation)
    {
        (channels, height, width) = (image.C, image.H, image.W);
        (strideW, top, this.spread) = (stride.W, offset.H, spread.H);
        rows = (output.H - 1) * stride.H + (taps.H - 1) * dilation.H + 1;
        phaseFloats = Whole(output.W) + (taps.W - 1) * dilation.W / stride.W + 1;
        Output = output;
        OutputRow = stride.H * RowFloats;
        columns = [.. Enumerable.Range(0, width).Select(w => Column(offset.W + w * spread.W))];
        data = (float*)NativeMemory.AllocZeroed((nuint)channels * (nuint)rows * (nuint)RowFloats, sizeof(float));
        Taps = [.. from c in Enumerable.Range(0, channels)
                   from r in Enumerable.Range(0, taps.H)
                   from s in Enumerable.Range(0, taps.W)
                   select (c * rows + r * dilation.H) * RowFloats + Column(s * dilation.W)];
    }

    /// <summary>The output's rows and columns.</summary>
    public (int H, int W) Output { get; }

    /// <summary>Where each tap of the output's first pixel lies, in the order (C, R, S).</summary>
    public int[] Taps { get; }

    /// <summary>From one row of the output to the next.</summary>
    public int OutputRow { get; }

    public float* Data => data;

    private int RowFloats => strideW * phaseFloats;

    /// <summary>Columns in whole vectors.</summary>
    public static int Whole(int columns) => (columns + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    /// <summary>Puts an image in.</summary>
    public void Load(ReadOnlySpan<float> image, bool tf32)
    {
        for (int c = 0; c < channels; c++)
        {
            for (int h = 0; h < height; h++)
            {
                int row = top + h * spread;
                if (row < 0 || row >= rows) continue;
                float* to = data + ((long)c * rows + row) * RowFloats;
                ReadOnlySpan<float> from = image.Slice((c * height + h) * width, width);
                for (int w = 0; w < from.Length; w++)
                    if (columns[w] >= 0) to[columns[w]] = tf32 ? Tf32.Round(from[w]) : from[w];
            }
        }
    }

    public void Dispose() => NativeMemory.Free(data);

    // Where a column lies in its row; -1 where no output reads it.
    private int Column(int column) => column < 0 || column / strideW >= phaseFloats ? -1 : column % strideW * phaseFloats + column / strideW;
}
