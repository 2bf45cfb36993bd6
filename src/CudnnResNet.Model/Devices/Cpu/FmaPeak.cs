using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>How fast the cores multiply and add with nothing else to do: the limit of every kernel, measured.</summary>
/// <remarks>
/// A core begins two multiply-adds in a cycle and has each result four cycles later (five on some), so at least 8 to 10 independent
/// sums keep it busy. Twelve and the two factors fit the 16 registers of AVX2; nothing touches memory.
/// </remarks>
internal static unsafe class FmaPeak<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Sums = 12, Iterations = 100_000, ChunksPerThread = 32;
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(300);

    /// <summary>Floating-point operations a second of all the pool's threads, a multiply-add being two: the best of many rounds.</summary>
    public static double Measure(WorkPool pool)
    {
        int chunks = pool.Threads * ChunksPerThread;
        double operations = 2.0 * Sums * TLanes.Count * Iterations * chunks, best = 0;
        var results = new float[chunks];
        Action<int, int> chunk = (i, _) => results[i] = Multiply(1.5f, 0.5f);
        for (long begin = Stopwatch.GetTimestamp(); best == 0 || Stopwatch.GetElapsedTime(begin) < Duration;)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(chunks, chunk);
            best = Math.Max(best, operations / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Multiply(float x, float y)
    {
        TLanes a = TLanes.Broadcast(x), b = TLanes.Broadcast(y);
        TLanes s0 = a, s1 = b, s2 = a, s3 = b, s4 = a, s5 = b, s6 = a, s7 = b, s8 = a, s9 = b, s10 = a, s11 = b;
        for (int i = 0; i < Iterations; i++)
        {
            s0 = TLanes.MultiplyAdd(a, b, s0);
            s1 = TLanes.MultiplyAdd(a, b, s1);
            s2 = TLanes.MultiplyAdd(a, b, s2);
            s3 = TLanes.MultiplyAdd(a, b, s3);
            s4 = TLanes.MultiplyAdd(a, b, s4);
            s5 = TLanes.MultiplyAdd(a, b, s5);
            s6 = TLanes.MultiplyAdd(a, b, s6);
            s7 = TLanes.MultiplyAdd(a, b, s7);
            s8 = TLanes.MultiplyAdd(a, b, s8);
            s9 = TLanes.MultiplyAdd(a, b, s9);
            s10 = TLanes.MultiplyAdd(a, b, s10);
            s11 = TLanes.MultiplyAdd(a, b, s11);
        }
        // The sums are handed back so that none of them can be left out.
        TLanes sum = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(TLanes.Add(s4, s5), TLanes.Add(s6, s7)));
        sum = TLanes.Add(sum, TLanes.Add(TLanes.Add(s8, s9), TLanes.Add(s10, s11)));
        float* lanes = stackalloc float[Blocked.Lanes];
        TLanes.Store(sum, lanes);
        return lanes[0];
    }
}
