using System.Diagnostics;

namespace CudnnResNet.Fuzz;

/// <summary>
/// The fuzzer itself, in the process that reads: take an input that once reached something new, change it, let the target read the file it
/// makes, keep it where an edge of the code was run that never was before (or a different number of times).
/// </summary>
/// <param name="target">The reader.</param>
/// <param name="folder">Where inputs and findings are kept.</param>
/// <param name="journal">Learns of every input before it is read.</param>
/// <param name="seed">Decides everything that chance decides.</param>
internal sealed class FuzzLoop(Target target, CorpusFolder folder, Journal journal, int seed) : IDisposable
{
    private const int MinimisingExecutions = 2_000;

    private readonly EdgeMap map = new();
    private readonly Oracle oracle = new(Oracle.Second);
    private readonly Random random = new(seed);
    private readonly List<byte[]> corpus = [];
    private readonly HashSet<string> signatures = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Watchdog watchdog = new();

    /// <summary>Fuzzes until one of the two is used up.</summary>
    /// <param name="executions">Files to read, at most.</param>
    /// <param name="seconds">Time to take, at most.</param>
    public void Run(long executions, double seconds)
    {
        var mutator = new Mutator(random, target.Dictionary, target.MaxLength);
        long last = journal.Executions + executions;
        // Twice: what is only run once in a process, as static constructors are, is not what an input reached.
        foreach (byte[] input in target.Seeds().Concat(target.Seeds()).Concat(folder.Inputs()).ToList()) Try(input);
        if (corpus.Count == 0) throw new InvalidOperationException($"{target.Name}: no seed runs through instrumented code");
        while (journal.Executions < last && clock.Elapsed.TotalSeconds < seconds)
        {
            Try(mutator.Mutate(Choose(), corpus[random.Next(corpus.Count)]));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => oracle.Dispose();

    /// <summary>Any input, or one of the newer ones, which are where the unknown begins.</summary>
    private byte[] Choose()
    {
        double fraction = random.NextDouble();
        return corpus[(int)((random.Next(2) == 0 ? fraction : 1 - fraction * fraction) * corpus.Count) % corpus.Count];
    }

    private void Try(byte[] input)
    {
        var fault = Execute(input);
        bool isNew = map.End();
        if (fault is not null)
        {
            Keep(fault, input);
        }
        else if (isNew)
        {
            corpus.Add(input);
            folder.AddInput(input);
        }
    }

    private Fault? Execute(byte[] input)
    {
        journal.Begin(input);
        byte[] file = target.ToFile(input);
        EdgeMap.Begin();
        watchdog.Begin();
        var fault = oracle.Judge(target.Reader, file);
        watchdog.End();
        return fault;
    }

    private void Keep(Fault fault, byte[] input)
    {
        if (signatures.Add(fault.Signature)) folder.AddFinding(fault, target.ToFile(fault.Kind == FaultKind.Hang ? input : Minimised(fault, input)));
    }

    /// <summary>Takes pieces away as long as the same bug shows.</summary>
    private byte[] Minimised(Fault fault, byte[] input)
    {
        long last = journal.Executions + MinimisingExecutions;
        for (int size = Math.Max(1, input.Length / 2); size > 0; size /= 2)
        {
            for (int at = 0; at + size <= input.Length && journal.Executions < last;)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                if (Execute(shorter)?.Signature == fault.Signature) input = shorter;
                else at += size;
            }
        }
        return input;
    }
}
