using System.Numerics;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>
/// Winograd's F(m x m, 3x3) for any interpolation points, by the construction of Cook and Toom: y = A^T [ (G g G^T) * (B^T d B) ] A with
/// tiles of (m + 2) x (m + 2) input pixels. In any float type: in double it is convolution, in float it shows what the points cost.
/// </summary>
/// <remarks>
/// With points p and infinity as the last: row i of A^T holds p^i, row j of G (1, p, p²) / f with f the product of p - q over the other
/// points q, row j of B^T the coefficients of the product of x - q. Infinity's column and rows hold the highest power alone, and the
/// coefficients of the product over all points.
/// </remarks>
internal sealed class WinogradTransform
{
    private readonly int m;    // pixels of a tile's side
    private readonly int size; // m + 2

    public WinogradTransform(params double[] points)
    {
        (m, size) = (points.Length - 1, points.Length + 1);
        (AT, G, BT) = (new double[m, size], new double[size, 3], new double[size, size]);
        for (int j = 0; j < points.Length; j++)
        {
            double[] others = [.. points.Where((_, i) => i != j)];
            double f = others.Aggregate(1.0, (product, q) => product * (points[j] - q));
            for (int i = 0; i < m; i++) AT[i, j] = Math.Pow(points[j], i);
            for (int i = 0; i < 3; i++) G[j, i] = Math.Pow(points[j], i) / f;
            SetRow(BT, j, Polynomial(others));
        }
        AT[m - 1, size - 1] = G[size - 1, 2] = 1;
        SetRow(BT, size - 1, Polynomial(points));
    }

    /// <summary>(m, m + 2).</summary>
    public double[,] AT { get; }

    /// <summary>(m + 2, 3).</summary>
    public double[,] G { get; }

    /// <summary>(m + 2, m + 2).</summary>
    public double[,] BT { get; }

    /// <summary>z = conv(x, w) of stride 1; the sides of the images are multiples of m.</summary>
    public T[] Forward<T>(ConvNormSpec spec, int n, T[] x, T[] w) where T : IFloatingPointIeee754<T>
    {
        T[,] at = To<T>(AT), bt = To<T>(BT);
        T[][] u = TransformedWeights(spec, w);
        var z = new T[n * spec.Y.Size];
        foreach (var (image, h, column) in Tiles(spec, n))
        {
            T[][] v = InputTiles(bt, spec, x, image, h, column);
            for (int k = 0; k < spec.Y.C; k++)
            {
                var products = new T[size * size];
                for (int c = 0; c < spec.X.C; c++) MultiplyAdd(u[k * spec.X.C + c], v[c], products);
                Write(Sandwich(at, products, size), spec.Y, z, image, k, h, column);
            }
        }
        return z;
    }

    /// <summary>dw: the transposed algorithm, dw = G^T [ sum over tiles of (A dz A^T) * (B^T d B) ] G.</summary>
    public T[] BackwardFilter<T>(ConvNormSpec spec, int n, T[] dz, T[] x) where T : IFloatingPointIeee754<T>
    {
        T[,] a = To<T>(Transposed(AT)), gt = To<T>(Transposed(G)), bt = To<T>(BT);
        var sums = new T[spec.Y.C * spec.X.C][];
        for (int pair = 0; pair < sums.Length; pair++) sums[pair] = new T[size * size];
        foreach (var (image, h, column) in Tiles(spec, n))
        {
            T[][] v = InputTiles(bt, spec, x, image, h, column);
            for (int k = 0; k < spec.Y.C; k++)
            {
                T[] gradient = Sandwich(a, Read(spec.Y, dz, image, k, h, column, m), m);
                for (int c = 0; c < spec.X.C; c++) MultiplyAdd(gradient, v[c], sums[k * spec.X.C + c]);
            }
        }
        return [.. sums.SelectMany(sum => Sandwich(gt, sum, size))];
    }

    private T[][] TransformedWeights<T>(ConvNormSpec spec, T[] w) where T : IFloatingPointIeee754<T>
    {
        T[,] g = To<T>(G);
        return [.. Enumerable.Range(0, spec.Y.C * spec.X.C).Select(pair => Sandwich(g, w[(pair * 9)..(pair * 9 + 9)], 3))];
    }

    private T[][] InputTiles<T>(T[,] bt, ConvNormSpec spec, T[] x, int image, int h, int column) where T : IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, spec.X.C).Select(c => Sandwich(bt, Read(spec.X, x, image, c, h - 1, column - 1, size), size))];

    private IEnumerable<(int Image, int H, int W)> Tiles(ConvNormSpec spec, int n) =>
        from image in Enumerable.Range(0, n)
        from h in Enumerable.Range(0, spec.Y.H / m)
        from w in Enumerable.Range(0, spec.Y.W / m)
        select (image, h * m, w * m);

    /// <summary>side x side pixels, 0 outside the image.</summary>
    private static T[] Read<T>(Shape shape, T[] values, int image, int c, int h, int w, int side) where T : IFloatingPointIeee754<T>
    {
        var block = new T[side * side];
        for (int i = 0; i < block.Length; i++)
        {
            int row = h + i / side, column = w + i % side;
            if (row >= 0 && row < shape.H && column >= 0 && column < shape.W) block[i] = values[image * shape.Size + c * shape.Plane + row * shape.W + column];
        }
        return block;
    }

    private void Write<T>(T[] block, Shape shape, T[] values, int image, int c, int h, int w)
    {
        for (int i = 0; i < block.Length; i++) values[image * shape.Size + c * shape.Plane + (h + i / m) * shape.W + w + i % m] = block[i];
    }

    private static void MultiplyAdd<T>(T[] a, T[] b, T[] sum) where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < sum.Length; i++) sum[i] = T.FusedMultiplyAdd(a[i], b[i], sum[i]);
    }

    /// <summary>matrix block matrix^T for a square block, columns first, with fused multiplications; what is times 0 is left out.</summary>
    private static T[] Sandwich<T>(T[,] matrix, T[] block, int side) where T : IFloatingPointIeee754<T>
    {
        int rows = matrix.GetLength(0);
        var middle = new T[rows * side];
        var result = new T[rows * rows];
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < side; k++)
                if (!T.IsZero(matrix[i, k]))
                    for (int j = 0; j < side; j++) middle[i * side + j] = T.FusedMultiplyAdd(matrix[i, k], block[k * side + j], middle[i * side + j]);
        for (int j = 0; j < rows; j++)
            for (int k = 0; k < side; k++)
                if (!T.IsZero(matrix[j, k]))
                    for (int i = 0; i < rows; i++) result[i * rows + j] = T.FusedMultiplyAdd(matrix[j, k], middle[i * side + k], result[i * rows + j]);
        return result;
    }

    /// <summary>The coefficients of the product of x - root, lowest power first.</summary>
    private static double[] Polynomial(double[] roots)
    {
        double[] coefficients = [1];
        foreach (double root in roots)
        {
            double[] shifted = [0, .. coefficients];
            for (int i = 0; i < coefficients.Length; i++) shifted[i] -= root * coefficients[i];
            coefficients = shifted;
        }
        return coefficients;
    }

    private static void SetRow(double[,] matrix, int row, double[] values)
    {
        for (int i = 0; i < values.Length; i++) matrix[row, i] = values[i];
    }

    private static double[,] Transposed(double[,] matrix)
    {
        var result = new double[matrix.GetLength(1), matrix.GetLength(0)];
        for (int i = 0; i < matrix.GetLength(0); i++)
            for (int j = 0; j < matrix.GetLength(1); j++) result[j, i] = matrix[i, j];
        return result;
    }

    private static T[,] To<T>(double[,] matrix) where T : IFloatingPointIeee754<T>
    {
        var result = new T[matrix.GetLength(0), matrix.GetLength(1)];
        for (int i = 0; i < matrix.GetLength(0); i++)
            for (int j = 0; j < matrix.GetLength(1); j++) result[i, j] = T.CreateChecked(matrix[i, j]);
        return result;
    }
}
