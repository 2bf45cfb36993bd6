using System.Numerics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>From which lane a shuffle takes: the PTX manual's pseudo code for each mode.</summary>
internal interface IShuffle
{
    /// <param name="lane">The lane that receives.</param>
    /// <param name="b">Operand b, 0 to 31.</param>
    /// <param name="first">The first lane of the receiver's segment.</param>
    /// <param name="segment">The bits that number the segment.</param>
    static abstract int Source(int lane, int b, int first, int segment);

    /// <summary>Whether that lane may give, with the segment's limit.</summary>
    static abstract bool IsInside(int source, int limit);
}

internal readonly struct ShuffleUp : IShuffle
{
    public static int Source(int lane, int b, int first, int segment) => lane - b;
    public static bool IsInside(int source, int limit) => source >= limit;
}

internal readonly struct ShuffleDown : IShuffle
{
    public static int Source(int lane, int b, int first, int segment) => lane + b;
    public static bool IsInside(int source, int limit) => source <= limit;
}

internal readonly struct ShuffleButterfly : IShuffle
{
    public static int Source(int lane, int b, int first, int segment) => lane ^ b;
    public static bool IsInside(int source, int limit) => source <= limit;
}

internal readonly struct ShuffleIndex : IShuffle
{
    public static int Source(int lane, int b, int first, int segment) => first | (b & ~segment);
    public static bool IsInside(int source, int limit) => source <= limit;
}

/// <summary>Handlers of instructions in which the lanes of a warp tell each other something.</summary>
internal static unsafe class Exchange
{
    /// <summary>d = a of another lane; operand c in the first of the rows, the member mask in C.</summary>
    public static void Shuffle<TMode>(Warp warp, Instruction instruction, uint lanes) where TMode : IShuffle
    {
        uint* d = warp.Row<uint>(instruction.D), b = warp.Row<uint>(instruction.B), c = warp.Row<uint>(instruction.Rows[0]);
        var a = new ReadOnlySpan<uint>(warp.Row<uint>(instruction.A), Warp.Lanes).ToArray();
        uint inside = 0;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = warp.Lane = BitOperations.TrailingZeroCount(rest), segment = (int)(c[lane] >> 8) & 31;
            int first = lane & segment, limit = first | ((int)c[lane] & 31 & ~segment);
            int source = TMode.Source(lane, (int)b[lane] & 31, first, segment);
            if (TMode.IsInside(source, limit)) inside |= 1U << lane;
            else source = lane;
            if ((lanes >> source & 1) == 0) throw new DeviceFault(FaultCode.LaunchFailed, $"takes from lane {source}, which does not take part");
            d[lane] = a[source];
        }
        warp.Lane = -1;
        if (instruction.D2 >= 0) warp.SetPredicate(instruction.D2, inside, lanes);
    }

    public static void VoteAny(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, Votes(warp, instruction, lanes) != 0 ? uint.MaxValue : 0, lanes);

    public static void VoteAll(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, Votes(warp, instruction, lanes) == lanes ? uint.MaxValue : 0, lanes);

    public static void VoteSame(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, Votes(warp, instruction, lanes) is var votes && (votes == 0 || votes == lanes) ? uint.MaxValue : 0, lanes);

    public static void Ballot(Warp warp, Instruction instruction, uint lanes) => Tell(warp, instruction, lanes, Votes(warp, instruction, lanes));

    public static void ActiveMask(Warp warp, Instruction instruction, uint lanes) => Tell(warp, instruction, lanes, lanes);

    /// <summary>Only waits.</summary>
    public static void Nothing(Warp warp, Instruction instruction, uint lanes)
    {
    }

    private static uint Votes(Warp warp, Instruction instruction, uint lanes) => warp.Predicate(instruction.A) & lanes;

    private static void Tell(Warp warp, Instruction instruction, uint lanes, uint value)
    {
        uint* d = warp.Row<uint>(instruction.D);
        for (uint rest = lanes; rest != 0; rest &= rest - 1) d[BitOperations.TrailingZeroCount(rest)] = value;
    }
}
