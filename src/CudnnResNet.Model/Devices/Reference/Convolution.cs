namespace CudnnResNet.Model.Devices.Reference;

/// <summary>
/// The 3x3 convolution with padding 1 and no bias, and its two gradients:
/// z[n,k,oy,ox] = sum over c, r, s of w[k,c,r,s] x[n,c,iy,ix] with iy = stride oy + r - 1 and ix = stride ox + s - 1;
/// terms outside the image are absent.
/// </summary>
/// <remarks>
/// Every element of a result is summed by one thread in a fixed order, so the number of threads changes nothing.
/// The innermost loops run along a row of pixels.
/// </remarks>
internal static class Convolution
{
    /// <summary>z = conv(x, w).</summary>
    public static void Forward(ConvNormSpec spec, int n, double[] x, double[] w, double[] z)
    {
        Shape X = spec.X, Z = spec.Y;
        Parallel.For(0, n * Z.C, plane =>
        {
            int image = plane / Z.C, k = plane % Z.C;
            var zPlane = z.AsSpan(plane * Z.Plane, Z.Plane);
            zPlane.Clear();
            for (int c = 0; c < X.C; c++)
            {
                var xPlane = x.AsSpan((image * X.C + c) * X.Plane, X.Plane);
                for (int r = 0; r < 3; r++)
                {
                    for (int s = 0; s < 3; s++)
                    {
                        double weight = w[((k * X.C + c) * 3 + r) * 3 + s];
                        int begin = Begin(s), end = End(s, X.W, Z.W, spec.Stride);
                        for (int oy = Begin(r); oy < End(r, X.H, Z.H, spec.Stride); oy++)
                        {
                            var xRow = xPlane.Slice((oy * spec.Stride + r - 1) * X.W, X.W);
                            var zRow = zPlane.Slice(oy * Z.W, Z.W);
                            for (int ox = begin; ox < end; ox++) zRow[ox] += weight * xRow[ox * spec.Stride + s - 1];
                        }
                    }
                }
            }
        });
    }

    /// <summary>dx[n,c,iy,ix] = addend + the sum over k, r, s of w[k,c,r,s] dz[n,k,oy,ox].</summary>
    public static void BackwardData(ConvNormSpec spec, int n, double[] dz, double[] w, double[]? addend, double[] dx)
    {
        Shape X = spec.X, Z = spec.Y;
        Parallel.For(0, n * X.C, plane =>
        {
            int image = plane / X.C, c = plane % X.C;
            var dxPlane = dx.AsSpan(plane * X.Plane, X.Plane);
            if (addend is null) dxPlane.Clear();
            else addend.AsSpan(plane * X.Plane, X.Plane).CopyTo(dxPlane);
            for (int k = 0; k < Z.C; k++)
            {
                var dzPlane = dz.AsSpan((image * Z.C + k) * Z.Plane, Z.Plane);
                for (int r = 0; r < 3; r++)
                {
                    for (int s = 0; s < 3; s++)
                    {
                        double weight = w[((k * X.C + c) * 3 + r) * 3 + s];
                        int begin = Begin(s), end = End(s, X.W, Z.W, spec.Stride);
                        for (int oy = Begin(r); oy < End(r, X.H, Z.H, spec.Stride); oy++)
                        {
                            var dzRow = dzPlane.Slice(oy * Z.W, Z.W);
                            var dxRow = dxPlane.Slice((oy * spec.Stride + r - 1) * X.W, X.W);
                            for (int ox = begin; ox < end; ox++) dxRow[ox * spec.Stride + s - 1] += weight * dzRow[ox];
                        }
                    }
                }
            }
        });
    }

    /// <summary>dw[k,c,r,s] = the sum over n, oy, ox of dz[n,k,oy,ox] x[n,c,iy,ix].</summary>
    public static void BackwardFilter(ConvNormSpec spec, int n, double[] dz, double[] x, double[] dw)
    {
        Shape X = spec.X, Z = spec.Y;
        Parallel.For(0, Z.C * X.C, pair =>
        {
            int k = pair / X.C, c = pair % X.C;
            for (int r = 0; r < 3; r++)
            {
                for (int s = 0; s < 3; s++)
                {
                    double sum = 0;
                    int begin = Begin(s), end = End(s, X.W, Z.W, spec.Stride);
                    for (int image = 0; image < n; image++)
                    {
                        var xPlane = x.AsSpan((image * X.C + c) * X.Plane, X.Plane);
                        var dzPlane = dz.AsSpan((image * Z.C + k) * Z.Plane, Z.Plane);
                        for (int oy = Begin(r); oy < End(r, X.H, Z.H, spec.Stride); oy++)
                        {
                            var xRow = xPlane.Slice((oy * spec.Stride + r - 1) * X.W, X.W);
                            var dzRow = dzPlane.Slice(oy * Z.W, Z.W);
                            for (int ox = begin; ox < end; ox++) sum += dzRow[ox] * xRow[ox * spec.Stride + s - 1];
                        }
                    }
                    dw[(pair * 3 + r) * 3 + s] = sum;
                }
            }
        });
    }

    /// <summary>The first output row (or column) whose input under this tap is not before the image.</summary>
    private static int Begin(int tap) => tap == 0 ? 1 : 0;

    /// <summary>One past the last of the outputs o whose input under this tap, stride·o + tap - 1, is below inputs.</summary>
    private static int End(int tap, int inputs, int outputs, int stride) => Math.Min(outputs, (inputs - tap + stride) / stride);
}
