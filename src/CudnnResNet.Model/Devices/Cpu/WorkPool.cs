using System.Runtime.ExceptionServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Runs numbered groups of work on a fixed set of threads. Which thread runs a group is left to chance; what a group computes never
/// depends on it, so neither do the results.
/// </summary>
/// <remarks>
/// About 70 runs make a training step. A waiting thread spins for some microseconds, because the next run usually follows at once, and
/// then sleeps: spinning for longer costs a whole time slice whenever another program wants the core. No run allocates.
/// </remarks>
internal sealed class WorkPool : IDisposable
{
    private const int Spins = 200;

    private readonly Thread[] workers;
    // One for each worker: from a shared one, a worker that is done already could take the wake-up of one that still sleeps.
    private readonly Sleeper[] sleepers;
    private readonly ManualResetEventSlim done = new(false);
    private Action<int, int> body = static (_, _) => { };
    private int groups, next, running, generation;
    private bool stopping, isFixed;
    private ExceptionDispatchInfo? failure;

    public WorkPool(int threads)
    {
        Threads = threads;
        workers = new Thread[threads - 1];
        sleepers = [.. workers.Select(_ => new Sleeper())];
        for (int i = 0; i < workers.Length; i++)
        {
            int thread = i + 1;
            workers[i] = new Thread(() => Work(thread, sleepers[thread - 1])) { IsBackground = true, Name = $"CudnnResNet cpu {thread}" };
            workers[i].Start();
        }
    }

    /// <summary>Threads that take groups, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Calls body(group, thread) once for each group in 0..groups and returns when all are done.</summary>
    /// <exception cref="Exception">What a group threw, the first of several; the other groups have run or been skipped, none runs any more, and the pool stays usable.</exception>
    public void Run(int groups, Action<int, int> body) => Run(groups, body, isFixed: false);

    /// <summary>
    /// Calls body(thread, thread) once on each thread: work whose data should stay in the caches of the core that had it in the call before.
    /// </summary>
    /// <exception cref="Exception">What a thread threw, as in <see cref="Run(int, Action{int, int})"/>.</exception>
    public void RunOnEach(Action<int, int> body) => Run(Threads, body, isFixed: true);

    private void Run(int groups, Action<int, int> body, bool isFixed)
    {
        this.isFixed = isFixed;
        this.body = body;
        this.groups = groups;
        failure = null;
        Volatile.Write(ref next, 0);
        if (workers.Length > 0 && groups > 1) WakeWorkers();
        TakeGroups(0);
        Join();
        failure?.Throw();
    }

    private void WakeWorkers()
    {
        done.Reset();
        Volatile.Write(ref running, workers.Length);
        Interlocked.Increment(ref generation);
        foreach (var sleeper in sleepers) sleeper.WakeUp();
    }

    private void TakeGroups(int thread)
    {
        try
        {
            if (isFixed)
            {
                body(thread, thread);
                return;
            }
            int group;
            while ((group = Interlocked.Increment(ref next) - 1) < groups) body(group, thread);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref next, groups);
        }
    }

    private void Join()
    {
        var spinner = new SpinWait();
        for (int spin = 0; spin < Spins; spin++)
        {
            if (Volatile.Read(ref running) == 0) return;
            spinner.SpinOnce(sleep1Threshold: -1);
        }
        // A worker may still be about to set the event for the run before: the counter decides, the event only wakes.
        while (Volatile.Read(ref running) != 0) done.Wait();
    }

    private void Work(int thread, Sleeper sleeper)
    {
        int seen = 0;
        while (true)
        {
            Await(ref seen, sleeper);
            if (Volatile.Read(ref stopping)) return;
            TakeGroups(thread);
            if (Interlocked.Decrement(ref running) == 0) done.Set();
        }
    }

    private void Await(ref int seen, Sleeper sleeper)
    {
        var spinner = new SpinWait();
        for (int spin = 0; spin < Spins; spin++)
        {
            if (Volatile.Read(ref generation) != seen)
            {
                seen++;
                return;
            }
            spinner.SpinOnce(sleep1Threshold: -1);
        }
        sleeper.GoToSleep();
        // A run that began between the last look and this may not have seen the sleeper: look once more before sleeping.
        while (Volatile.Read(ref generation) == seen) sleeper.Wake.Wait();
        sleeper.StayAwake();
        seen++;
    }

    public void Dispose()
    {
        Volatile.Write(ref stopping, true);
        Interlocked.Increment(ref generation);
        foreach (var sleeper in sleepers) sleeper.Wake.Release();
        foreach (var worker in workers) worker.Join();
        foreach (var sleeper in sleepers) sleeper.Wake.Dispose();
        done.Dispose();
    }

    /// <summary>Where one worker sleeps. A wake-up too many only makes it look once more.</summary>
    private sealed class Sleeper
    {
        private int asleep;

        public SemaphoreSlim Wake { get; } = new(0);

        public void GoToSleep() => Interlocked.Exchange(ref asleep, 1);

        public void StayAwake() => Volatile.Write(ref asleep, 0);

        public void WakeUp()
        {
            if (Volatile.Read(ref asleep) != 0) Wake.Release();
        }
    }
}
