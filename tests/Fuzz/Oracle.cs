using System.Diagnostics;

namespace CudnnResNet.Fuzz;

/// <summary>What a reader may not do.</summary>
internal enum FaultKind
{
    /// <summary>It throws something else than an error that is meant, or the process dies.</summary>
    Crash,

    /// <summary>It takes longer than a second.</summary>
    Hang,

    /// <summary>It takes more than four times the file and 64 MiB.</summary>
    Allocation,

    /// <summary>Its error cannot be shown: control characters, too long, or it does not name the file.</summary>
    Message,
}

/// <summary>A bug.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Signature">The same for inputs that show the same bug: the exception and the method of ours that it comes from.</param>
/// <param name="Details">For people.</param>
internal sealed record Fault(FaultKind Kind, string Signature, string Details);

/// <summary>Judges executions by <see cref="HostileFile"/>: a load or a refusal is right, whatever the file.</summary>
/// <param name="limit">Longest time; a second.</param>
internal sealed class Oracle(TimeSpan limit) : IDisposable
{
    /// <summary>A busy machine makes anything slow once, so the best of three counts.</summary>
    private const int Repetitions = 3;

    private readonly HostileFile file = new();

    /// <summary>A second.</summary>
    public static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Lets a reader read a file.</summary>
    /// <returns>Null where all is well.</returns>
    public Fault? Judge(Reader reader, byte[] bytes)
    {
        try
        {
            var elapsed = TimeSpan.MaxValue;
            for (int i = 0; i < Repetitions && elapsed > limit; i++)
            {
                var attempt = file.Try(reader, bytes, patience: TimeSpan.MaxValue);
                if (attempt.Elapsed < elapsed) elapsed = attempt.Elapsed;
            }
            return elapsed > limit ? new(FaultKind.Hang, "time", FormattableString.Invariant($"{elapsed.TotalSeconds:F1} s, the best of {Repetitions} times")) : null;
        }
        catch (BrokenPromiseException error)
        {
            return error.Promise == Promise.Memory ? new(FaultKind.Allocation, "memory", error.Message) : new(FaultKind.Message, WithoutNumbers(error.Message), error.Message);
        }
        catch (Exception error)
        {
            return new(FaultKind.Crash, SignatureOf(error), error.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static string WithoutNumbers(string message) => string.Concat(message.Take(80).Where(letter => !char.IsAsciiDigit(letter)));

    private static string SignatureOf(Exception error)
    {
        var ours = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(method => method?.DeclaringType?.FullName?.StartsWith("CudnnResNet.", StringComparison.Ordinal) == true);
        return $"{error.GetType().Name} in {ours?.DeclaringType?.Name}.{ours?.Name}";
    }
}
