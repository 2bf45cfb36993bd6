using System.Numerics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>Conversions between whole numbers, and between a word and its parts.</summary>
internal static unsafe class Conversions
{
    /// <summary>Takes the source type's bits of a register, makes the destination type of them, and extends that to its register.</summary>
    public static void Whole<TSource, TDestination>(Warp warp, Instruction instruction, uint lanes)
        where TSource : unmanaged, IBinaryInteger<TSource> where TDestination : unmanaged, IBinaryInteger<TDestination>
    {
        TSource* a = warp.Row<TSource>(instruction.A);
        TDestination* d = warp.Row<TDestination>(instruction.D);
        var (from, to) = (instruction.From, instruction.To);
        if (lanes == uint.MaxValue)
        {
            for (int i = 0; i < Warp.Lanes; i++) d[i] = TDestination.CreateTruncating(to.Of(from.Of(ulong.CreateTruncating(a[i]))));
            return;
        }
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int i = BitOperations.TrailingZeroCount(rest);
            d[i] = TDestination.CreateTruncating(to.Of(from.Of(ulong.CreateTruncating(a[i]))));
        }
    }

    /// <summary>A word into its parts, the lowest first.</summary>
    public static void Unpack<TWord, TPart>(Warp warp, Instruction instruction, uint lanes) where TWord : unmanaged where TPart : unmanaged
    {
        TWord* a = warp.Row<TWord>(instruction.A);
        for (int part = 0; part < instruction.Rows.Length; part++)
        {
            TPart* d = warp.Row<TPart>(instruction.Rows[part]);
            for (uint rest = lanes; rest != 0; rest &= rest - 1)
            {
                int i = BitOperations.TrailingZeroCount(rest);
                d[i] = ((TPart*)(a + i))[part];
            }
        }
    }

    /// <summary>Parts, the lowest first, into a word.</summary>
    public static void Pack<TPart, TWord>(Warp warp, Instruction instruction, uint lanes) where TPart : unmanaged where TWord : unmanaged
    {
        TWord* d = warp.Row<TWord>(instruction.D);
        for (int part = 0; part < instruction.Rows.Length; part++)
        {
            TPart* a = warp.Row<TPart>(instruction.Rows[part]);
            for (uint rest = lanes; rest != 0; rest &= rest - 1)
            {
                int i = BitOperations.TrailingZeroCount(rest);
                ((TPart*)(d + i))[part] = a[i];
            }
        }
    }
}
