using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>How a tile of products walks its input: constants, so that the JIT folds them into the addresses.</summary>
internal interface IWalk
{
    /// <summary>Floats between the inputs of a tile's neighbouring rows.</summary>
    static abstract int Row { get; }

    /// <summary>Floats from one step of the sum to the next.</summary>
    static abstract int Step { get; }
}

/// <summary>Rows are the pixels of a planar image: the first layer.</summary>
internal readonly struct PlanarPixels : IWalk
{
    public static int Row => 1;
    public static int Step => 1;
}

/// <summary>Rows are neighbouring pixels (or Winograd's tiles), steps are channels.</summary>
internal readonly struct Pixels : IWalk
{
    public static int Row => Blocked.Lanes;
    public static int Step => 1;
}

/// <summary>Rows are every second pixel, steps are channels.</summary>
internal readonly struct StridedPixels : IWalk
{
    public static int Row => 2 * Blocked.Lanes;
    public static int Step => 1;
}

/// <summary>Rows are channels, steps are neighbouring pixels (or Winograd's tiles): the gradient of weights.</summary>
internal readonly struct Channels : IWalk
{
    public static int Row => 1;
    public static int Step => Blocked.Lanes;
}

/// <summary>Rows are channels, steps are every second pixel.</summary>
internal readonly struct StridedChannels : IWalk
{
    public static int Row => 1;
    public static int Step => 2 * Blocked.Lanes;
}

/// <summary>What becomes of a tile's sums.</summary>
internal interface IResult
{
    /// <summary>Floats between the results of neighbouring rows.</summary>
    static abstract int Row { get; }

    /// <summary>Whether the sums are added to what is there.</summary>
    static abstract bool Adds { get; }
}

/// <summary>Neighbouring pixels or tiles.</summary>
internal readonly struct Stored : IResult
{
    public static int Row => Blocked.Lanes;
    public static bool Adds => false;
}

/// <summary>Every second pixel.</summary>
internal readonly struct StoredApart : IResult
{
    public static int Row => 2 * Blocked.Lanes;
    public static bool Adds => false;
}

/// <summary>Accumulators of the gradient of weights.</summary>
internal readonly struct Added : IResult
{
    public static int Row => Blocked.Lanes;
    public static bool Adds => true;
}

/// <summary>What a tile's second half is.</summary>
internal interface IHalves
{
    /// <summary>Whether there is one; only for processors with 32 registers.</summary>
    static abstract bool Both { get; }

    /// <summary>Whether it is the same rows with other weights instead of other rows with the same weights.</summary>
    static abstract bool SameRows { get; }
}

/// <summary>8 rows only.</summary>
internal readonly struct OneHalf : IHalves
{
    public static bool Both => false;
    public static bool SameRows => false;
}

/// <summary>8 further rows.</summary>
internal readonly struct MoreRows : IHalves
{
    public static bool Both => true;
    public static bool SameRows => false;
}

/// <summary>The same 8 rows with further weights.</summary>
internal readonly struct MoreWeights : IHalves
{
    public static bool Both => true;
    public static bool SameRows => true;
}

/// <summary>The parts of a sum: segment s reads its inputs from x + X[s], its weights from w + W[s], and has the same number of steps as the others.</summary>
internal readonly unsafe struct Segments(int count, int* x, int* w, int steps)
{
    public int Count { get; } = count;
    public int* X { get; } = x;
    public int* W { get; } = w;
    public int Steps { get; } = steps;
}

/// <summary>The inner loop of all convolutions: y[row] = sum over segments and steps of x[row, step] · w[step], for 8 rows or twice 8.</summary>
/// <remarks>
/// w[step] is one register of 16, 8 or 4 neighbouring channels, x[row, step] one number, which AVX-512 reads inside the
/// multiplication. Eight sums in registers are what the latency of two multiplications a cycle needs at least. The second half (b)
/// is 8 further rows, or the same rows with other weights: with it a step of 16 multiplications costs 18 loads, at two a cycle 9
/// cycles for 8 of arithmetic, and the cost of starting and storing a tile is halved. 16 sums and 2 registers of weights fit the 32 registers of
/// AVX-512; AVX2 has 16 and uses one half.
/// The order of the sum is (segment, step) for every width. Explicit locals: the JIT keeps an array of accumulators in memory.
/// </remarks>
internal static unsafe class ProductTile<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Rows of one half.</summary>
    public const int Rows = 8;

    /// <summary>Whether both halves fit the registers.</summary>
    public static bool HasBothHalves => TLanes.Count == Blocked.Lanes;

    /// <param name="segments">The parts of the sum.</param>
    /// <param name="x">Input of row 0, step 0.</param>
    /// <param name="w">Weights of step 0; 16 floats to the next step's.</param>
    /// <param name="second">Floats from the first half's inputs, or its weights, to the second's.</param>
    /// <param name="y">Row 0 of the result.</param>
    /// <param name="yB">Floats from the first half's result to the second's.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Run<TWalk, THalves, TResult>(Segments* segments, float* x, float* w, nint second, float* y, nint yB)
        where TWalk : struct, IWalk where THalves : struct, IHalves where TResult : struct, IResult
    {
        TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, a2 = TLanes.Zero, a3 = TLanes.Zero;
        TLanes a4 = TLanes.Zero, a5 = TLanes.Zero, a6 = TLanes.Zero, a7 = TLanes.Zero;
        TLanes b0 = TLanes.Zero, b1 = TLanes.Zero, b2 = TLanes.Zero, b3 = TLanes.Zero;
        TLanes b4 = TLanes.Zero, b5 = TLanes.Zero, b6 = TLanes.Zero, b7 = TLanes.Zero;
        for (int segment = 0; segment < segments->Count; segment++)
        {
            float* input = x + segments->X[segment], weights = w + segments->W[segment], end = weights + segments->Steps * Blocked.Lanes;
            for (; weights < end; weights += Blocked.Lanes, input += TWalk.Step)
            {
                TLanes wa = TLanes.Load(weights);
                if (THalves.SameRows)
                {
                    TLanes wb = TLanes.Load(weights + second);
                    TLanes x0 = TLanes.Broadcast(*input);
                    a0 = TLanes.MultiplyAdd(x0, wa, a0);
                    b0 = TLanes.MultiplyAdd(x0, wb, b0);
                    TLanes x1 = TLanes.Broadcast(input[TWalk.Row]);
                    a1 = TLanes.MultiplyAdd(x1, wa, a1);
                    b1 = TLanes.MultiplyAdd(x1, wb, b1);
                    TLanes x2 = TLanes.Broadcast(input[2 * TWalk.Row]);
                    a2 = TLanes.MultiplyAdd(x2, wa, a2);
                    b2 = TLanes.MultiplyAdd(x2, wb, b2);
                    TLanes x3 = TLanes.Broadcast(input[3 * TWalk.Row]);
                    a3 = TLanes.MultiplyAdd(x3, wa, a3);
                    b3 = TLanes.MultiplyAdd(x3, wb, b3);
                    TLanes x4 = TLanes.Broadcast(input[4 * TWalk.Row]);
                    a4 = TLanes.MultiplyAdd(x4, wa, a4);
                    b4 = TLanes.MultiplyAdd(x4, wb, b4);
                    TLanes x5 = TLanes.Broadcast(input[5 * TWalk.Row]);
                    a5 = TLanes.MultiplyAdd(x5, wa, a5);
                    b5 = TLanes.MultiplyAdd(x5, wb, b5);
                    TLanes x6 = TLanes.Broadcast(input[6 * TWalk.Row]);
                    a6 = TLanes.MultiplyAdd(x6, wa, a6);
                    b6 = TLanes.MultiplyAdd(x6, wb, b6);
                    TLanes x7 = TLanes.Broadcast(input[7 * TWalk.Row]);
                    a7 = TLanes.MultiplyAdd(x7, wa, a7);
                    b7 = TLanes.MultiplyAdd(x7, wb, b7);
                    continue;
                }
                a0 = TLanes.MultiplyAdd(input, wa, a0);
                a1 = TLanes.MultiplyAdd(input + TWalk.Row, wa, a1);
                a2 = TLanes.MultiplyAdd(input + 2 * TWalk.Row, wa, a2);
                a3 = TLanes.MultiplyAdd(input + 3 * TWalk.Row, wa, a3);
                a4 = TLanes.MultiplyAdd(input + 4 * TWalk.Row, wa, a4);
                a5 = TLanes.MultiplyAdd(input + 5 * TWalk.Row, wa, a5);
                a6 = TLanes.MultiplyAdd(input + 6 * TWalk.Row, wa, a6);
                a7 = TLanes.MultiplyAdd(input + 7 * TWalk.Row, wa, a7);
                if (!THalves.Both) continue;
                b0 = TLanes.MultiplyAdd(input + second, wa, b0);
                b1 = TLanes.MultiplyAdd(input + second + TWalk.Row, wa, b1);
                b2 = TLanes.MultiplyAdd(input + second + 2 * TWalk.Row, wa, b2);
                b3 = TLanes.MultiplyAdd(input + second + 3 * TWalk.Row, wa, b3);
                b4 = TLanes.MultiplyAdd(input + second + 4 * TWalk.Row, wa, b4);
                b5 = TLanes.MultiplyAdd(input + second + 5 * TWalk.Row, wa, b5);
                b6 = TLanes.MultiplyAdd(input + second + 6 * TWalk.Row, wa, b6);
                b7 = TLanes.MultiplyAdd(input + second + 7 * TWalk.Row, wa, b7);
            }
        }
        Write<TResult>(a0, y);
        Write<TResult>(a1, y + TResult.Row);
        Write<TResult>(a2, y + 2 * TResult.Row);
        Write<TResult>(a3, y + 3 * TResult.Row);
        Write<TResult>(a4, y + 4 * TResult.Row);
        Write<TResult>(a5, y + 5 * TResult.Row);
        Write<TResult>(a6, y + 6 * TResult.Row);
        Write<TResult>(a7, y + 7 * TResult.Row);
        if (!THalves.Both) return;
        y += yB;
        Write<TResult>(b0, y);
        Write<TResult>(b1, y + TResult.Row);
        Write<TResult>(b2, y + 2 * TResult.Row);
        Write<TResult>(b3, y + 3 * TResult.Row);
        Write<TResult>(b4, y + 4 * TResult.Row);
        Write<TResult>(b5, y + 5 * TResult.Row);
        Write<TResult>(b6, y + 6 * TResult.Row);
        Write<TResult>(b7, y + 7 * TResult.Row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TResult>(TLanes sum, float* y) where TResult : struct, IResult =>
        TLanes.Store(TResult.Adds ? TLanes.Add(TLanes.Load(y), sum) : sum, y);
}
