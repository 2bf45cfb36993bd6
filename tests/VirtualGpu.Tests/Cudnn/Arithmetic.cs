namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>What cuDNN's functions compute, in double and as plain as can be, and numbers to compute with.</summary>
internal static class Arithmetic
{
    /// <summary>Numbers between -1 and 1 that are the same each time.</summary>
    public static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    /// <summary>The shape of conv(x, w).</summary>
    public static Shape Output(Shape x, Shape w, int padding, int stride) =>
        new(x.N, w.N, (x.H + 2 * padding - w.H) / stride + 1, (x.W + 2 * padding - w.W) / stride + 1);

    /// <summary>Calls with the places in x, w and y of every product of a convolution.</summary>
    public static void Products(Shape x, Shape w, int padding, int stride, Action<int, int, int> product)
    {
        Shape y = Output(x, w, padding, stride);
        for (int n = 0; n < y.N; n++)
            for (int k = 0; k < y.C; k++)
                for (int p = 0; p < y.H; p++)
                    for (int q = 0; q < y.W; q++)
                        for (int c = 0; c < x.C; c++)
                            for (int r = 0; r < w.H; r++)
                                for (int s = 0; s < w.W; s++)
                                {
                                    int h = p * stride + r - padding, column = q * stride + s - padding;
                                    if (h >= 0 && h < x.H && column >= 0 && column < x.W) product(x[n, c, h, column], w[k, c, r, s], y[n, k, p, q]);
                                }
    }

    /// <summary>Fails where a value is further from what was expected than so many times the largest of them.</summary>
    public static void AreClose(double[] expected, float[] actual, double tolerance = 1e-6, string what = "")
    {
        Assert.HasCount(expected.Length, actual);
        double scale = Math.Max(expected.Max(Math.Abs), 1e-30);
        for (int i = 0; i < expected.Length; i++)
            Assert.IsLessThanOrEqualTo(tolerance * scale, Math.Abs(expected[i] - actual[i]), $"{what}[{i}]: expected {expected[i]}, got {actual[i]}, largest {scale}");
    }
}
