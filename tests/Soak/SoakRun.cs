using System.Diagnostics;

namespace CudnnResNet.Soak;

/// <summary>Takes the faults in turn for as long as asked, and counts.</summary>
/// <param name="faults">What is tried.</param>
/// <param name="seed">The first try of each fault has it, the next ones those that follow.</param>
/// <param name="report">Where findings are written as they come.</param>
internal sealed class SoakRun(IReadOnlyList<Fault> faults, int seed, TextWriter report)
{
    // Before that, caches and pools fill.
    private const int SettlingTries = 2;

    private const int Confirmations = 4;

    // The allocator's pools grow for dozens of tries. A network that stays takes more; for smaller leaks a hundred cycles are compared in
    // LongevityTests.
    private const long MemoryOfTry = 1 << 20;

    // Of one fault; the table has them all.
    private const int MostReported = 5;

    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);

    /// <summary>Each fault at least once, then in turn until the time is over.</summary>
    public IReadOnlyList<FaultCount> Run(TimeSpan time)
    {
        var counts = faults.Select(fault => new FaultCount(fault.Name) { Absent = fault.Absent }).ToArray();
        var begin = Stopwatch.StartNew();
        TimeSpan turn = time / (2 * faults.Count);
        if (turn > LongestTurn) turn = LongestTurn;
        do
        {
            for (int i = 0; i < faults.Count; i++)
            {
                if (counts[i] is { Absent: null, Hung: 0 } && (counts[i].Tries == 0 || begin.Elapsed < time)) Turn(faults[i], counts[i], turn);
            }
        }
        while (begin.Elapsed < time && counts.Any(count => count is { Absent: null, Hung: 0 }));
        return counts;
    }

    private void Turn(Fault fault, FaultCount count, TimeSpan time)
    {
        var begin = Stopwatch.StartNew();
        if (!fault.IsInProcess)
        {
            while (TryOnce(fault, count) && begin.Elapsed < time) { }
            return;
        }
        while (count.Tries < SettlingTries)
            if (!TryOnce(fault, count)) return;
        var before = Footprint.Now();
        int tries = 0;
        do
        {
            if (!TryOnce(fault, count)) return;
            tries++;
        }
        while (tries < 2 || begin.Elapsed < time);
        if (Growth(fault, before, tries) is null) return;

        // Once may be chance: a thread that a pool has made, memory that an allocator keeps. What grows every time is a leak.
        Footprint growth = default;
        for (int confirmation = 0; confirmation < Confirmations; confirmation++)
        {
            before = Footprint.Now();
            for (int again = 0; again < tries; again++)
                if (!TryOnce(fault, count)) return;
            if (Growth(fault, before, tries) is not { } more) return;
            growth = more;
        }
        count.Leaked += tries;
        report.WriteLine($"leaked: {fault.Name}, {growth} more after {tries} tries, {Confirmations + 1} times in a row");
    }

    /// <summary>What there is more of, where it is at least something for each try.</summary>
    private static Footprint? Growth(Fault fault, Footprint before, int tries)
    {
        var more = Footprint.Now() - before;
        bool memory = fault.CountsMemory && more.PrivateBytes >= tries * MemoryOfTry;
        return memory || more.Handles >= tries || more.Threads >= tries ? more : null;
    }

    /// <summary>One try on a thread of its own, which is left behind where it hangs.</summary>
    /// <returns>False where it hangs: then nothing more can be said of this fault.</returns>
    private bool TryOnce(Fault fault, FaultCount count)
    {
        int own = unchecked(seed + count.Tries++);
        string? lost = null;
        var thread = new Thread(() => lost = Outcome(fault, own)) { IsBackground = true, Name = fault.Name };
        thread.Start();
        if (!thread.Join(fault.Deadline))
        {
            count.Hung++;
            Report(count.Hung, $"hung: {fault.Name}, seed {own}: not over after {fault.Deadline.TotalSeconds} s; not tried any more");
            return false;
        }
        if (lost is not null)
        {
            count.Lost++;
            Report(count.Lost, $"lost: {fault.Name}, seed {own}: {lost}");
        }
        if (fault.Left() is { Count: > 0 } left)
        {
            count.Leaked++;
            Report(count.Leaked, $"leaked: {fault.Name}, seed {own}: {string.Join("; ", left)}");
        }
        return true;
    }

    private void Report(int number, string finding)
    {
        if (number <= MostReported) report.WriteLine(finding);
    }

    private static string? Outcome(Fault fault, int seed)
    {
        try
        {
            return fault.Try(new Random(seed));
        }
        catch (Exception error)
        {
            string? place = error.StackTrace?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("at CudnnResNet", StringComparison.Ordinal));
            return $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} {place}";
        }
    }
}

