using System.Diagnostics;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz;

/// <summary>What a reader may not do.</summary>
internal enum FaultKind
{
    /// <summary>It throws something else than an error that is meant, or the process dies.</summary>
    Crash,

    /// <summary>It takes longer than allowed.</summary>
    Hang,

    /// <summary>It takes more memory than allowed.</summary>
    Allocation,
}

/// <summary>A bug.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Signature">The same for inputs that show the same bug: the exception and the method of ours that it comes from.</param>
/// <param name="Details">For people.</param>
internal sealed record Fault(FaultKind Kind, string Signature, string Details);

/// <summary>Judges one execution: a load or a refusal is right, whatever the file.</summary>
/// <param name="limit">Longest time; a second.</param>
internal sealed class Oracle(TimeSpan limit)
{
    // A busy machine makes anything slow once.
    private const int Repetitions = 3;

    /// <summary>A second.</summary>
    public static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Lets a target read a file.</summary>
    /// <returns>Null where all is well.</returns>
    public Fault? Judge(Target target, byte[] file)
    {
        var (fault, elapsed, allocated) = Run(target, file);
        if (fault is not null) return fault;
        if (allocated > target.AllowedBytes(file.Length))
            return new(FaultKind.Allocation, "allocation", $"{allocated:N0} bytes were allocated for a file of {file.Length:N0}; allowed are {target.AllowedBytes(file.Length):N0}");
        for (int i = 1; i < Repetitions && elapsed > limit; i++) elapsed = Min(elapsed, Run(target, file).Elapsed);
        return elapsed > limit ? new(FaultKind.Hang, "time", $"{elapsed.TotalSeconds:F1} s, the best of {Repetitions} executions") : null;
    }

    private static (Fault? Fault, TimeSpan Elapsed, long Allocated) Run(Target target, byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
        Fault? fault = null;
        try
        {
            target.Read(file);
        }
        catch (EngineException)
        {
            // A refusal.
        }
        catch (Exception error)
        {
            fault = new(FaultKind.Crash, SignatureOf(error), error.ToString());
        }
        return (fault, Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string SignatureOf(Exception error)
    {
        var ours = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(method => method?.DeclaringType?.FullName?.StartsWith("CudnnResNet.", StringComparison.Ordinal) == true);
        return $"{error.GetType().Name} in {ours?.DeclaringType?.Name}.{ours?.Name}";
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
