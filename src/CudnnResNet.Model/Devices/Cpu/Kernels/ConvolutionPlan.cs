namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// One sweep of the direct convolution kernel over an image: which input pixels each output pixel reads, and through which weights.
/// A plan serves forward (stride 1 and 2, planar or blocked input) and backward to the data (stride 1, and the four pixel
/// parities of stride 2): they differ only in steps and taps.
/// </summary>
/// <remarks>
/// Output pixel (row, column) of output block kb is the sum over segments s (an input block's tap; of a planar image one channel's) and
/// their channels c of x[row·InRow + column·InPixel + InputOffsets[s] + c] · w[kb·WeightOutBlock + WeightOffsets[s] + c·16].
/// All offsets are in floats.
/// </remarks>
internal sealed class ConvolutionPlan
{
    public required int Rows { get; init; }
    public required int Columns { get; init; }

    /// <summary>Floats between neighbouring pixels that the kernel reads: 1 (planar), 16 (blocked) or 32 (blocked, stride 2).</summary>
    public required int InPixel { get; init; }
    public required int InRow { get; init; }

    public required int OutPixel { get; init; }
    public required int OutRow { get; init; }
    public required int OutBlock { get; init; }
    public required int OutBlocks { get; init; }

    /// <summary>Where the first output pixel lies: not 0 for the odd parities of stride 2 backward.</summary>
    public int OutStart { get; init; }

    public required int WeightOutBlock { get; init; }
    public required int[] InputOffsets { get; init; }
    public required int[] WeightOffsets { get; init; }

    /// <summary>Channels of a segment.</summary>
    public required int Channels { get; init; }

    /// <summary>z = conv(x, w) over a padded image (C/16, H+2, W+2, 16).</summary>
    public static ConvolutionPlan Forward(ConvNormSpec spec)
    {
        int paddedRow = (spec.X.W + 2) * Blocked.Lanes, inBlocks = spec.X.C / Blocked.Lanes;
        return new()
        {
            Rows = spec.Y.H,
            Columns = spec.Y.W,
            InPixel = spec.Stride * Blocked.Lanes,
            InRow = spec.Stride * paddedRow,
            OutPixel = Blocked.Lanes,
            OutRow = spec.Y.W * Blocked.Lanes,
            OutBlock = spec.Y.Plane * Blocked.Lanes,
            OutBlocks = spec.Y.C / Blocked.Lanes,
            WeightOutBlock = inBlocks * Blocked.Taps * Blocked.Square,
            Channels = Blocked.Lanes,
            InputOffsets = [.. Segments(inBlocks, Taps(), (block, tap) => block * (spec.X.H + 2) * paddedRow + tap.Ky * paddedRow + tap.Kx * Blocked.Lanes)],
            WeightOffsets = [.. Segments(inBlocks, Taps(), (block, tap) => (block * Blocked.Taps + tap.Ky * 3 + tap.Kx) * Blocked.Square)],
        };
    }

    /// <summary>z = conv(x, w) of the first layer, over a planar padded image (C, H+2, W+2): each channel of a tap is a tap of its own.</summary>
    public static ConvolutionPlan ForwardPlanar(ConvNormSpec spec)
    {
        int paddedRow = spec.X.W + 2, paddedPlane = (spec.X.H + 2) * paddedRow;
        var taps = Enumerable.Range(0, spec.X.C).SelectMany(c => Taps().Select(tap => (C: c, tap.Ky, tap.Kx))).ToArray();
        return new()
        {
            Rows = spec.Y.H,
            Columns = spec.Y.W,
            InPixel = spec.Stride,
            InRow = spec.Stride * paddedRow,
            OutPixel = Blocked.Lanes,
            OutRow = spec.Y.W * Blocked.Lanes,
            OutBlock = spec.Y.Plane * Blocked.Lanes,
            OutBlocks = spec.Y.C / Blocked.Lanes,
            WeightOutBlock = taps.Length * Blocked.Lanes,
            Channels = 1,
            InputOffsets = [.. taps.Select(tap => tap.C * paddedPlane + tap.Ky * paddedRow + tap.Kx)],
            WeightOffsets = [.. Enumerable.Range(0, taps.Length).Select(tap => tap * Blocked.Lanes)],
        };
    }

    /// <summary>
    /// dx = the gradient of conv(x, w) by x, over padded dz (K/16, H'+2, W'+2, 16) with weights whose channel blocks are transposed.
    /// Stride 1 is one sweep with mirrored taps; stride 2 is four, one for each parity of the input's row and column.
    /// </summary>
    public static ConvolutionPlan[] BackwardData(ConvNormSpec spec) => spec.Stride == 1
        ? [BackwardData(spec, 0, 0)]
        : [BackwardData(spec, 0, 0), BackwardData(spec, 0, 1), BackwardData(spec, 1, 0), BackwardData(spec, 1, 1)];

    private static ConvolutionPlan BackwardData(ConvNormSpec spec, int oddRow, int oddColumn)
    {
        int stride = spec.Stride, paddedRow = (spec.Y.W + 2) * Blocked.Lanes, inBlocks = spec.Y.C / Blocked.Lanes;
        // Input row r was read by output row o through kernel row ky where r + 1 = stride o + ky. With r = stride i + odd, the tap
        // exists where (odd + 1 - ky) divides by the stride; it then reads dz at row i + (odd + 1 - ky) / stride, +1 for the padding.
        var taps = Taps().Where(tap => (oddRow + 1 - tap.Ky) % stride == 0 && (oddColumn + 1 - tap.Kx) % stride == 0).ToArray();
        return new()
        {
            Rows = (spec.X.H - oddRow + stride - 1) / stride,
            Columns = (spec.X.W - oddColumn + stride - 1) / stride,
            InPixel = Blocked.Lanes,
            InRow = paddedRow,
            OutPixel = stride * Blocked.Lanes,
            OutRow = stride * spec.X.W * Blocked.Lanes,
            OutBlock = spec.X.Plane * Blocked.Lanes,
            OutBlocks = spec.X.C / Blocked.Lanes,
            OutStart = (oddRow * spec.X.W + oddColumn) * Blocked.Lanes,
            WeightOutBlock = inBlocks * Blocked.Taps * Blocked.Square,
            Channels = Blocked.Lanes,
            InputOffsets = [.. Segments(inBlocks, taps, (block, tap) => (block * (spec.Y.H + 2) + 1 + (oddRow + 1 - tap.Ky) / stride) * paddedRow + (1 + (oddColumn + 1 - tap.Kx) / stride) * Blocked.Lanes)],
            WeightOffsets = [.. Segments(inBlocks, taps, (block, tap) => (block * Blocked.Taps + tap.Ky * 3 + tap.Kx) * Blocked.Square)],
        };
    }

    private static IEnumerable<int> Segments(int inBlocks, IEnumerable<(int Ky, int Kx)> taps, Func<int, (int Ky, int Kx), int> offset) =>
        Enumerable.Range(0, inBlocks).SelectMany(block => taps.Select(tap => offset(block, tap)));

    private static IEnumerable<(int Ky, int Kx)> Taps()
    {
        for (int ky = 0; ky < 3; ky++)
            for (int kx = 0; kx < 3; kx++)
                yield return (ky, kx);
    }
}
