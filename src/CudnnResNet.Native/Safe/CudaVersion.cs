namespace CudnnResNet.Native.Safe;

/// <summary>A version of CUDA, or a compute capability: two numbers that order as one.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second.</param>
public readonly record struct CudaVersion(int Major, int Minor) : IComparable<CudaVersion>
{
    /// <summary>Reads CUDA's way of writing it in one number: 12080 is 12.8.</summary>
    public static CudaVersion FromNumber(long number) => new((int)(number / 1000), (int)(number % 1000 / 10));

    /// <inheritdoc/>
    public int CompareTo(CudaVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>Whether the left one is older.</summary>
    public static bool operator <(CudaVersion left, CudaVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is newer.</summary>
    public static bool operator >(CudaVersion left, CudaVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one is older or the same.</summary>
    public static bool operator <=(CudaVersion left, CudaVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one is newer or the same.</summary>
    public static bool operator >=(CudaVersion left, CudaVersion right) => left.CompareTo(right) >= 0;

    /// <summary>As people write it: 12.8.</summary>
    public override string ToString() => $"{Major}.{Minor}";
}
