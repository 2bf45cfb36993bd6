using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>An operation of one, two or three vectors of lanes.</summary>
internal interface IVector1<T>
{
    static abstract Vector256<T> Of(Vector256<T> a);
}

/// <inheritdoc cref="IVector1{T}"/>
internal interface IVector2<T>
{
    static abstract Vector256<T> Of(Vector256<T> a, Vector256<T> b);
}

/// <inheritdoc cref="IVector1{T}"/>
internal interface IVector3<T>
{
    static abstract Vector256<T> Of(Vector256<T> a, Vector256<T> b, Vector256<T> c);
}

/// <summary>An operation that vectors lack, of one lane's one, two or three values.</summary>
internal interface ILane1<TA, TResult>
{
    static abstract TResult Of(TA a);
}

/// <inheritdoc cref="ILane1{TA, TResult}"/>
internal interface ILane2<TA, TB, TResult>
{
    static abstract TResult Of(TA a, TB b);
}

/// <inheritdoc cref="ILane1{TA, TResult}"/>
internal interface ILane3<TA, TC, TResult>
{
    static abstract TResult Of(TA a, TA b, TC c);
}

/// <summary>
/// Handlers that apply an operation to rows of 32 lanes. Vector operations compute all lanes, which harms nobody, and store those that take part.
/// </summary>
internal static unsafe class Rows
{
    public static void Vector1<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : IVector1<T>
    {
        T* d = warp.Row<T>(instruction.D), a = warp.Row<T>(instruction.A);
        for (int i = 0; i < Warp.Lanes; i += Vector256<T>.Count) Store(TOperation.Of(Vector256.Load(a + i)), lanes >> i, d + i);
    }

    public static void Vector2<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : IVector2<T>
    {
        T* d = warp.Row<T>(instruction.D), a = warp.Row<T>(instruction.A), b = warp.Row<T>(instruction.B);
        for (int i = 0; i < Warp.Lanes; i += Vector256<T>.Count) Store(TOperation.Of(Vector256.Load(a + i), Vector256.Load(b + i)), lanes >> i, d + i);
    }

    public static void Vector3<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : IVector3<T>
    {
        T* d = warp.Row<T>(instruction.D), a = warp.Row<T>(instruction.A), b = warp.Row<T>(instruction.B), c = warp.Row<T>(instruction.C);
        for (int i = 0; i < Warp.Lanes; i += Vector256<T>.Count)
            Store(TOperation.Of(Vector256.Load(a + i), Vector256.Load(b + i), Vector256.Load(c + i)), lanes >> i, d + i);
    }

    /// <summary>Sets a predicate where the operation gives all ones.</summary>
    public static void Compare<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : IVector2<T>
    {
        T* a = warp.Row<T>(instruction.A), b = warp.Row<T>(instruction.B);
        uint bits = 0;
        for (int i = 0; i < Warp.Lanes; i += Vector256<T>.Count)
            bits |= TOperation.Of(Vector256.Load(a + i), Vector256.Load(b + i)).ExtractMostSignificantBits() << i;
        warp.SetPredicate(instruction.D, bits, lanes);
    }

    /// <summary>Takes the first source where the predicate holds, else the second.</summary>
    public static void Select<T>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged
    {
        T* d = warp.Row<T>(instruction.D), a = warp.Row<T>(instruction.A), b = warp.Row<T>(instruction.B);
        uint chosen = warp.Predicate(instruction.C);
        for (int i = 0; i < Warp.Lanes; i += Vector256<T>.Count)
            Store(Vector256.ConditionalSelect(Mask<T>(chosen >> i), Vector256.Load(a + i), Vector256.Load(b + i)), lanes >> i, d + i);
    }

    public static void Each1<TA, TResult, TOperation>(Warp warp, Instruction instruction, uint lanes)
        where TA : unmanaged where TResult : unmanaged where TOperation : ILane1<TA, TResult>
    {
        TA* a = warp.Row<TA>(instruction.A);
        TResult* d = warp.Row<TResult>(instruction.D);
        if (lanes == uint.MaxValue)
        {
            for (int i = 0; i < Warp.Lanes; i++) d[i] = TOperation.Of(a[i]);
            return;
        }
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int i = BitOperations.TrailingZeroCount(rest);
            d[i] = TOperation.Of(a[i]);
        }
    }

    public static void Each2<TA, TB, TResult, TOperation>(Warp warp, Instruction instruction, uint lanes)
        where TA : unmanaged where TB : unmanaged where TResult : unmanaged where TOperation : ILane2<TA, TB, TResult>
    {
        TA* a = warp.Row<TA>(instruction.A);
        TB* b = warp.Row<TB>(instruction.B);
        TResult* d = warp.Row<TResult>(instruction.D);
        if (lanes == uint.MaxValue)
        {
            for (int i = 0; i < Warp.Lanes; i++) d[i] = TOperation.Of(a[i], b[i]);
            return;
        }
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int i = BitOperations.TrailingZeroCount(rest);
            d[i] = TOperation.Of(a[i], b[i]);
        }
    }

    public static void Each3<TA, TC, TResult, TOperation>(Warp warp, Instruction instruction, uint lanes)
        where TA : unmanaged where TC : unmanaged where TResult : unmanaged where TOperation : ILane3<TA, TC, TResult>
    {
        TA* a = warp.Row<TA>(instruction.A), b = warp.Row<TA>(instruction.B);
        TC* c = warp.Row<TC>(instruction.C);
        TResult* d = warp.Row<TResult>(instruction.D);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int i = BitOperations.TrailingZeroCount(rest);
            d[i] = TOperation.Of(a[i], b[i], c[i]);
        }
    }

    /// <summary>As <see cref="Each2"/> with an operation that may fail, for a lane that the message then names.</summary>
    public static void Divide<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : ILane2<T, T, T>
    {
        T* d = warp.Row<T>(instruction.D), a = warp.Row<T>(instruction.A), b = warp.Row<T>(instruction.B);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int i = warp.Lane = BitOperations.TrailingZeroCount(rest);
            d[i] = TOperation.Of(a[i], b[i]);
        }
        warp.Lane = -1;
    }

    /// <summary>Stores the elements whose bits are set, the first element's bit lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector256<T> value, uint lanes, T* d) where T : unmanaged
    {
        uint all = uint.MaxValue >> (Warp.Lanes - Vector256<T>.Count);
        if ((lanes & all) == all) value.Store(d);
        else Vector256.ConditionalSelect(Mask<T>(lanes), value, Vector256.Load(d)).Store(d);
    }

    /// <summary>All ones in the elements whose bits are set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Mask<T>(uint lanes) where T : unmanaged
    {
        if (sizeof(T) == 8)
        {
            var own = Vector256.Create(1UL, 2, 4, 8);
            return Vector256.Equals(Vector256.Create((ulong)lanes) & own, own).As<ulong, T>();
        }
        if (sizeof(T) == 4)
        {
            var own = Vector256.Create(1U, 2, 4, 8, 16, 32, 64, 128);
            return Vector256.Equals(Vector256.Create(lanes) & own, own).As<uint, T>();
        }
        var own16 = Vector256.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return Vector256.Equals(Vector256.Create((ushort)lanes) & own16, own16).As<ushort, T>();
    }
}
