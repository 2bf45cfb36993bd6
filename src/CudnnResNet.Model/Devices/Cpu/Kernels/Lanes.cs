using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// A vector register of floats. Every kernel is written once against this interface; the JIT specialises it for each struct, so the
/// calls below cost nothing (a kernel over <see cref="Lanes512"/> is the same machine code as one over Vector512 itself).
/// </summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats in the register: 16, 8 or 4. Each divides a channel block of 16.</summary>
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Load(float* source);

    static abstract void Store(TSelf value, float* destination);

    /// <summary>Stores past the caches, to an address that is a multiple of the register's size.</summary>
    static abstract void StoreStreaming(TSelf value, float* destination);

    /// <summary>sums[lane] += value[lane].</summary>
    static abstract void AddTo(TSelf value, double* sums);

    /// <summary>The same number in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    static abstract TSelf Add(TSelf a, TSelf b);

    static abstract TSelf Subtract(TSelf a, TSelf b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>x·w + sum with the same x in every lane, rounded once: AVX-512 reads x inside the multiplication.</summary>
    static abstract TSelf MultiplyAdd(float* x, TSelf w, TSelf sum);

    /// <summary>x &lt; 0 ? 0 : x. NaN stays NaN, which a plain maximum would swallow.</summary>
    static abstract TSelf Relu(TSelf x);

    /// <summary>y &lt;= 0 ? 0 : value: the gradient of <see cref="Relu"/> by its output.</summary>
    static abstract TSelf WherePositive(TSelf y, TSelf value);
}

/// <summary>512 bits: AVX-512.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> v) : ILanes<Lanes512>
{
    private readonly Vector512<float> v = v;

    public static int Count => 16;
    public static Lanes512 Zero => new(Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 value, float* destination) => value.v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStreaming(Lanes512 value, float* destination) => value.v.StoreAlignedNonTemporal(destination);

    public static void AddTo(Lanes512 value, double* sums)
    {
        var (lower, upper) = Vector512.Widen(value.v);
        (Vector512.Load(sums) + lower).Store(sums);
        (Vector512.Load(sums + Vector512<double>.Count) + upper).Store(sums + Vector512<double>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Add(Lanes512 a, Lanes512 b) => new(a.v + b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Subtract(Lanes512 a, Lanes512 b) => new(a.v - b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(float* x, Lanes512 w, Lanes512 sum) => new(Vector512.FusedMultiplyAdd(Vector512.Create(*x), w.v, sum.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Relu(Lanes512 x) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(x.v, Vector512<float>.Zero), Vector512<float>.Zero, x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 WherePositive(Lanes512 y, Lanes512 value) =>
        new(Vector512.ConditionalSelect(Vector512.LessThanOrEqual(y.v, Vector512<float>.Zero), Vector512<float>.Zero, value.v));
}

/// <summary>256 bits: AVX2 with FMA.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> v) : ILanes<Lanes256>
{
    private readonly Vector256<float> v = v;

    public static int Count => 8;
    public static Lanes256 Zero => new(Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, float* destination) => value.v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStreaming(Lanes256 value, float* destination) => value.v.StoreAlignedNonTemporal(destination);

    public static void AddTo(Lanes256 value, double* sums)
    {
        var (lower, upper) = Vector256.Widen(value.v);
        (Vector256.Load(sums) + lower).Store(sums);
        (Vector256.Load(sums + Vector256<double>.Count) + upper).Store(sums + Vector256<double>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Add(Lanes256 a, Lanes256 b) => new(a.v + b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Subtract(Lanes256 a, Lanes256 b) => new(a.v - b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) => new(Vector256.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(float* x, Lanes256 w, Lanes256 sum) => new(Vector256.FusedMultiplyAdd(Vector256.Create(*x), w.v, sum.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Relu(Lanes256 x) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(x.v, Vector256<float>.Zero), Vector256<float>.Zero, x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 WherePositive(Lanes256 y, Lanes256 value) =>
        new(Vector256.ConditionalSelect(Vector256.LessThanOrEqual(y.v, Vector256<float>.Zero), Vector256<float>.Zero, value.v));
}

/// <summary>128 bits: SSE or Arm's Neon.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> v) : ILanes<Lanes128>
{
    private readonly Vector128<float> v = v;

    public static int Count => 4;
    public static Lanes128 Zero => new(Vector128<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, float* destination) => value.v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStreaming(Lanes128 value, float* destination) => value.v.StoreAlignedNonTemporal(destination);

    public static void AddTo(Lanes128 value, double* sums)
    {
        var (lower, upper) = Vector128.Widen(value.v);
        (Vector128.Load(sums) + lower).Store(sums);
        (Vector128.Load(sums + Vector128<double>.Count) + upper).Store(sums + Vector128<double>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Add(Lanes128 a, Lanes128 b) => new(a.v + b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Subtract(Lanes128 a, Lanes128 b) => new(a.v - b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) => new(Vector128.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(float* x, Lanes128 w, Lanes128 sum) => new(Vector128.FusedMultiplyAdd(Vector128.Create(*x), w.v, sum.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Relu(Lanes128 x) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(x.v, Vector128<float>.Zero), Vector128<float>.Zero, x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 WherePositive(Lanes128 y, Lanes128 value) =>
        new(Vector128.ConditionalSelect(Vector128.LessThanOrEqual(y.v, Vector128<float>.Zero), Vector128<float>.Zero, value.v));
}
