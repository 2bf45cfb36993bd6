namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>A window that the average is taken of.</summary>
internal readonly record struct PoolingWindow(cudnnPoolingMode_t Mode, int Height, int Width, int PadH, int PadW, int StrideH, int StrideW)
{
    /// <summary>The shape of y.</summary>
    public TensorShape Output(TensorShape x)
    {
        int height = x.H + 2 * PadH - Height, width = x.W + 2 * PadW - Width;
        Expect.That(height >= 0 && width >= 0, $"the window of {Height}x{Width} is larger than the padded x {x}");
        return new(x.N, x.C, height / StrideH + 1, width / StrideW + 1);
    }
}

/// <summary>Pooling, ReLU, addition with broadcast, sums of channels.</summary>
internal static class LayerMath
{
    /// <summary>(1, C, 1, 1): x summed over images and pixels.</summary>
    public static float[] SumOfChannels(TensorShape shape, ReadOnlySpan<float> x)
    {
        var sums = new double[shape.C];
        for (int plane = 0; plane < shape.N * shape.C; plane++)
            foreach (float value in x.Slice(plane * shape.Plane, shape.Plane)) sums[plane % shape.C] += value;
        return [.. sums.Select(sum => (float)sum)];
    }

    /// <summary>max(0, x); NaN stays NaN or becomes 0.</summary>
    public static float[] Relu(ReadOnlySpan<float> x, bool propagatesNaN)
    {
        var y = new float[x.Length];
        for (int i = 0; i < y.Length; i++) y[i] = x[i] > 0 || (propagatesNaN && float.IsNaN(x[i])) ? x[i] : 0;
        return y;
    }

    /// <summary>dy where y is positive, or no number and allowed to be none; else 0.</summary>
    public static float[] ReluBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, bool propagatesNaN)
    {
        var dx = new float[y.Length];
        for (int i = 0; i < dx.Length; i++) dx[i] = y[i] > 0 || (propagatesNaN && float.IsNaN(y[i])) ? dy[i] : 0;
        return dx;
    }

    /// <summary>a in the shape of c; dimensions of 1 are repeated.</summary>
    public static float[] Broadcast(TensorShape a, ReadOnlySpan<float> values, TensorShape c)
    {
        var repeated = new float[c.Elements];
        int i = 0;
        for (int n = 0; n < c.N; n++)
            for (int channel = 0; channel < c.C; channel++)
                for (int h = 0; h < c.H; h++)
                    for (int w = 0; w < c.W; w++)
                        repeated[i++] = values[((n % a.N * a.C + channel % a.C) * a.H + h % a.H) * a.W + w % a.W];
        return repeated;
    }

    /// <summary>y: the average of each window.</summary>
    public static float[] Pool(PoolingWindow window, TensorShape shape, ReadOnlySpan<float> x)
    {
        TensorShape output = window.Output(shape);
        var y = new float[output.Elements];
        for (int i = 0; i < y.Length; i++)
        {
            var (rows, columns, divisor) = Cells(window, shape, output, i);
            ReadOnlySpan<float> plane = x.Slice(i / output.Plane * shape.Plane, shape.Plane);
            double sum = 0;
            for (int h = rows.From; h < rows.To; h++)
                for (int w = columns.From; w < columns.To; w++) sum += plane[h * shape.W + w];
            y[i] = (float)(sum / divisor);
        }
        return y;
    }

    /// <summary>dx: dy spread over its window.</summary>
    public static float[] PoolBackward(PoolingWindow window, TensorShape shape, ReadOnlySpan<float> dy)
    {
        TensorShape output = window.Output(shape);
        var dx = new float[shape.Elements];
        for (int i = 0; i < dy.Length; i++)
        {
            var (rows, columns, divisor) = Cells(window, shape, output, i);
            int plane = i / output.Plane * shape.Plane;
            for (int h = rows.From; h < rows.To; h++)
                for (int w = columns.From; w < columns.To; w++) dx[plane + h * shape.W + w] += dy[i] / divisor;
        }
        return dx;
    }

    // The cells of x in the window of one of y, and what their sum is divided by.
    private static ((int From, int To) Rows, (int From, int To) Columns, int Divisor) Cells(PoolingWindow window, TensorShape shape, TensorShape output, int i)
    {
        int top = i / output.W % output.H * window.StrideH - window.PadH, left = i % output.W * window.StrideW - window.PadW;
        (int From, int To) rows = (Math.Max(top, 0), Math.Min(top + window.Height, shape.H)), columns = (Math.Max(left, 0), Math.Min(left + window.Width, shape.W));
        bool countsPadding = window.Mode == cudnnPoolingMode_t.CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
        return (rows, columns, countsPadding ? window.Height * window.Width : (rows.To - rows.From) * (columns.To - columns.From));
    }
}
