using System.Numerics;
using System.Runtime.Intrinsics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

// Whole numbers wrap around; floats round to nearest, ties to even, as IEEE 754 and .rn have it. Which NaN a float operation gives is left open by PTX.

internal readonly struct Copy<T> : IVector1<T> { public static Vector256<T> Of(Vector256<T> a) => a; }

internal readonly struct Sum<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a + b; }

internal readonly struct Difference<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a - b; }

internal readonly struct Product<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a * b; }

internal readonly struct ProductSum<T> : IVector3<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b, Vector256<T> c) => a * b + c; }

internal readonly struct Quotient<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a / b; }

internal readonly struct SquareRoot<T> : IVector1<T> { public static Vector256<T> Of(Vector256<T> a) => Vector256.Sqrt(a); }

internal readonly struct FusedSingle : IVector3<float>
{
    public static Vector256<float> Of(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);
}

internal readonly struct FusedDouble : IVector3<double>
{
    public static Vector256<double> Of(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);
}

internal readonly struct And<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a & b; }

internal readonly struct Or<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a | b; }

internal readonly struct Xor<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a ^ b; }

internal readonly struct Not<T> : IVector1<T> { public static Vector256<T> Of(Vector256<T> a) => ~a; }

internal readonly struct Minimum<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.Min(a, b); }

internal readonly struct Maximum<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.Max(a, b); }

// A number wins over NaN, and -0 is smaller than 0.
internal readonly struct MinimumNumber<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.MinNumber(a, b); }

internal readonly struct MaximumNumber<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.MaxNumber(a, b); }

// Of a float the sign bit alone changes, a NaN's too; of a whole number the least stays itself.
internal readonly struct Negative<T> : IVector1<T> { public static Vector256<T> Of(Vector256<T> a) => -a; }

internal readonly struct Absolute<T> : IVector1<T> { public static Vector256<T> Of(Vector256<T> a) => Vector256.Abs(a); }

internal readonly struct Equal<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b); }

internal readonly struct Less<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b); }

internal readonly struct LessOrEqual<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.LessThanOrEqual(a, b); }

internal readonly struct Greater<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThan(a, b); }

internal readonly struct GreaterOrEqual<T> : IVector2<T> { public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThanOrEqual(a, b); }

/// <summary>The opposite of a comparison: of an ordered one the unordered, which NaN makes true.</summary>
internal readonly struct Opposite<T, TComparison> : IVector2<T> where TComparison : IVector2<T>
{
    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => ~TComparison.Of(a, b);
}

/// <summary>Different, and none is NaN.</summary>
internal readonly struct OrderedDifferent<T> : IVector2<T>
{
    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b) | Vector256.GreaterThan(a, b);
}

/// <summary>Neither is NaN.</summary>
internal readonly struct Ordered<T> : IVector2<T>
{
    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, a) & Vector256.Equals(b, b);
}

/// <summary>The upper half of a product of twice the width.</summary>
internal readonly struct UpperProduct32 : ILane2<uint, uint, uint>, ILane2<int, int, int>
{
    public static uint Of(uint a, uint b) => (uint)((ulong)a * b >> 32);
    public static int Of(int a, int b) => (int)((long)a * b >> 32);
}

/// <inheritdoc cref="UpperProduct32"/>
internal readonly struct UpperProduct64 : ILane2<ulong, ulong, ulong>, ILane2<long, long, long>
{
    public static ulong Of(ulong a, ulong b) => Math.BigMul(a, b, out _);
    public static long Of(long a, long b) => Math.BigMul(a, b, out _);
}

/// <summary>A product of twice the width of its factors, and a sum with one.</summary>
internal readonly struct WideProduct
    : ILane2<ushort, ushort, uint>, ILane2<short, short, int>, ILane2<uint, uint, ulong>, ILane2<int, int, long>, ILane3<uint, ulong, ulong>, ILane3<int, long, long>
{
    public static uint Of(ushort a, ushort b) => (uint)a * b;
    public static int Of(short a, short b) => a * b;
    public static ulong Of(uint a, uint b) => (ulong)a * b;
    public static long Of(int a, int b) => (long)a * b;
    public static ulong Of(uint a, uint b, ulong c) => (ulong)a * b + c;
    public static long Of(int a, int b, long c) => (long)a * b + c;
}

/// <summary>A quotient of whole numbers. PTX leaves division by zero open; here it is a fault. The least number by -1 stays itself.</summary>
internal readonly struct WholeQuotient<T> : ILane2<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b)
    {
        if (T.IsZero(b)) throw new DeviceFault(FaultCode.LaunchFailed, "divides a whole number by zero");
        return T.IsNegative(b) && b + T.One == T.Zero ? T.Zero - a : a / b;
    }
}

/// <summary>What <see cref="WholeQuotient{T}"/> leaves.</summary>
internal readonly struct WholeRemainder<T> : ILane2<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => a - WholeQuotient<T>.Of(a, b) * b;
}

/// <summary>Shifts; by as many bits as there are or more, they leave zeros or copies of the sign.</summary>
internal readonly unsafe struct ShiftLeft<T> : ILane2<T, uint, T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, uint count) => count < sizeof(T) * 8 ? a << (int)count : T.Zero;
}

/// <inheritdoc cref="ShiftLeft{T}"/>
internal readonly unsafe struct ShiftRight<T> : ILane2<T, uint, T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, uint count) => count < sizeof(T) * 8 ? a >> (int)count : T.IsNegative(a) ? T.AllBitsSet : T.Zero;
}

/// <summary>Conversions between whole numbers and floats, and between floats; each rounds once, to nearest.</summary>
internal readonly struct ToSingle : ILane1<int, float>, ILane1<uint, float>, ILane1<double, float>
{
    public static float Of(int a) => a;
    public static float Of(uint a) => a;
    public static float Of(double a) => (float)a;
}

/// <inheritdoc cref="ToSingle"/>
internal readonly struct ToDouble : ILane1<int, double>, ILane1<uint, double>, ILane1<long, double>, ILane1<float, double>
{
    public static double Of(int a) => a;
    public static double Of(uint a) => a;
    public static double Of(long a) => a;
    public static double Of(float a) => a;
}

/// <summary>What an atomic instruction leaves in memory.</summary>
internal readonly struct AtomicSum<T> : ILane2<T, T, T> where T : IBinaryInteger<T> { public static T Of(T a, T b) => a + b; }

/// <inheritdoc cref="AtomicSum{T}"/>
internal readonly struct AtomicMinimum<T> : ILane2<T, T, T> where T : IBinaryInteger<T> { public static T Of(T a, T b) => T.Min(a, b); }

/// <inheritdoc cref="AtomicSum{T}"/>
internal readonly struct AtomicMaximum<T> : ILane2<T, T, T> where T : IBinaryInteger<T> { public static T Of(T a, T b) => T.Max(a, b); }

/// <inheritdoc cref="AtomicSum{T}"/>
internal readonly struct AtomicExchange<T> : ILane2<T, T, T> { public static T Of(T a, T b) => b; }
