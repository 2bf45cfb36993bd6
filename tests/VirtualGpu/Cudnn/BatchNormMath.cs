namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>Mean and variance (biased: divided by the number) of each channel.</summary>
internal sealed record ChannelStatistics(double[] Mean, double[] Variance)
{
    /// <summary>Of a batch, in double: first the mean, then the squares of what differs from it.</summary>
    public static ChannelStatistics Of(TensorShape shape, ReadOnlySpan<float> x)
    {
        double count = (double)shape.N * shape.Plane;
        double[] mean = new double[shape.C], variance = new double[shape.C];
        for (int plane = 0; plane < shape.N * shape.C; plane++)
            foreach (float value in x.Slice(plane * shape.Plane, shape.Plane)) mean[plane % shape.C] += value / count;
        for (int plane = 0; plane < shape.N * shape.C; plane++)
        {
            double middle = mean[plane % shape.C];
            foreach (float value in x.Slice(plane * shape.Plane, shape.Plane)) variance[plane % shape.C] += (value - middle) * (value - middle) / count;
        }
        return new(mean, variance);
    }

    /// <summary>1 / sqrt(variance + epsilon): what cuDNN calls the inverse variance.</summary>
    public double[] InverseDeviation(double epsilon) => [.. Variance.Select(value => 1 / Math.Sqrt(value + epsilon))];
}

/// <summary>Batch norm over images and pixels.</summary>
internal static class BatchNormMath
{
    /// <summary>y = scale * (x - mean) * inverse deviation + bias.</summary>
    public static float[] Normalize(TensorShape shape, ReadOnlySpan<float> x, ReadOnlySpan<double> mean, ReadOnlySpan<double> inverseDeviation, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias)
    {
        var y = new float[x.Length];
        for (int plane = 0; plane < shape.N * shape.C; plane++)
        {
            int c = plane % shape.C;
            for (int i = plane * shape.Plane; i < (plane + 1) * shape.Plane; i++) y[i] = (float)(scale[c] * ((x[i] - mean[c]) * inverseDeviation[c]) + bias[c]);
        }
        return y;
    }

    /// <summary>running = (1 - factor) * running + factor * value.</summary>
    public static float[] Average(ReadOnlySpan<float> running, double factor, ReadOnlySpan<double> value)
    {
        var averages = new float[running.Length];
        for (int c = 0; c < averages.Length; c++) averages[c] = (float)((1 - factor) * running[c] + factor * value[c]);
        return averages;
    }

    /// <summary>
    /// With xhat = (x - mean) * inverse deviation: dbias = sum dy, dscale = sum dy xhat, dx = scale * inverse deviation * (dy - dbias / m -
    /// xhat dscale / m), where m is how many values a channel has.
    /// </summary>
    public static (float[] Dx, float[] Dscale, float[] Dbias) Backward(
        TensorShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<double> mean, ReadOnlySpan<double> inverseDeviation, ReadOnlySpan<float> scale)
    {
        double count = (double)shape.N * shape.Plane;
        double[] dscale = new double[shape.C], dbias = new double[shape.C];
        for (int plane = 0; plane < shape.N * shape.C; plane++)
        {
            int c = plane % shape.C;
            for (int i = plane * shape.Plane; i < (plane + 1) * shape.Plane; i++)
            {
                dbias[c] += dy[i];
                dscale[c] += dy[i] * ((x[i] - mean[c]) * inverseDeviation[c]);
            }
        }
        var dx = new float[x.Length];
        for (int plane = 0; plane < shape.N * shape.C; plane++)
        {
            int c = plane % shape.C;
            for (int i = plane * shape.Plane; i < (plane + 1) * shape.Plane; i++)
            {
                double xhat = (x[i] - mean[c]) * inverseDeviation[c];
                dx[i] = (float)(scale[c] * inverseDeviation[c] * (dy[i] - dbias[c] / count - xhat * dscale[c] / count));
            }
        }
        return (dx, [.. dscale.Select(value => (float)value)], [.. dbias.Select(value => (float)value)]);
    }
}
