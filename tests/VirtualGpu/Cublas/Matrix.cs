using CudnnResNet.VirtualGpu.Exports;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Cublas;

/// <summary>A matrix in device memory, column after column.</summary>
/// <param name="Address">Its first element.</param>
/// <param name="Rows">Its rows in memory.</param>
/// <param name="Columns">Its columns in memory.</param>
/// <param name="Leading">From one column to the next.</param>
/// <param name="IsTransposed">Whether the transposed matrix is meant.</param>
internal readonly record struct Matrix(ulong Address, int Rows, int Columns, int Leading, bool IsTransposed = false)
{
    /// <summary>From the first element to the last.</summary>
    private long Extent => Rows == 0 || Columns == 0 ? 0 : (long)(Columns - 1) * Leading + Rows;

    /// <summary>Checks that columns do not overlap, and the address.</summary>
    public void Check(string name)
    {
        CublasCall.That(Leading >= System.Math.Max(1, Rows), $"the leading dimension of {name} is {Leading}, and has to be its {Rows} rows or more");
        if (Extent == 0) return;
        CublasCall.That(Address != 0, $"{name} is null");
        CublasCall.That(Address % sizeof(float) == 0, $"{name} is at 0x{Address:x}, no place of a float");
    }

    /// <summary>Refuses to write over what is read.</summary>
    public void CheckApart(Matrix input, string name) => CublasCall.That(
        Extent == 0 || input.Extent == 0 || input.Address + (ulong)(input.Extent * sizeof(float)) <= Address || Address + (ulong)(Extent * sizeof(float)) <= input.Address,
        $"{name} is read at 0x{input.Address:x} and lies over the result at 0x{Address:x}");

    /// <summary>The matrix that is meant, row after row, in double; what lies between its columns is not read.</summary>
    public double[] Read(DeviceMemory memory, bool tf32)
    {
        var values = new double[(long)Rows * Columns];
        for (int column = 0; column < Columns && Rows > 0; column++)
        {
            ReadOnlySpan<float> from = memory.Floats(Address + (ulong)column * (ulong)Leading * sizeof(float), Rows);
            for (int row = 0; row < Rows; row++) values[IsTransposed ? column * Rows + row : row * Columns + column] = tf32 ? Tf32.Round(from[row]) : from[row];
        }
        return values;
    }

    /// <summary>Stores a result that is given row after row.</summary>
    public void Store(DeviceMemory memory, Blend blend, double[] result)
    {
        var column = new float[Rows];
        for (int j = 0; j < Columns && Rows > 0; j++)
        {
            for (int i = 0; i < Rows; i++) column[i] = (float)result[i * Columns + j];
            blend.Store(memory, Address + (ulong)j * (ulong)Leading * sizeof(float), column);
        }
    }

    /// <summary>(m, n): a (m, k) times b (k, n), all row after row; sums in double.</summary>
    public static double[] Product(double[] a, double[] b, int m, int n, int k)
    {
        var product = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            Span<double> row = product.AsSpan(i * n, n);
            for (int p = 0; p < k; p++)
            {
                double factor = a[i * k + p];
                for (int j = 0; j < row.Length; j++) row[j] += factor * b[p * n + j];
            }
        }
        return product;
    }
}
