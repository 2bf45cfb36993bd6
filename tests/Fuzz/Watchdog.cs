using System.Diagnostics;

namespace CudnnResNet.Fuzz;

/// <summary>Ends the process when one execution never ends; whoever started the process finds the input in the <see cref="Journal"/>.</summary>
internal sealed class Watchdog
{
    /// <summary>The exit code of a process that was ended for this.</summary>
    public const int ExitCode = 99;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private long began;

    /// <summary>Begins to watch.</summary>
    public Watchdog() => new Thread(Watch) { IsBackground = true }.Start();

    /// <summary>An execution begins.</summary>
    public void Begin() => Volatile.Write(ref began, Stopwatch.GetTimestamp());

    /// <summary>It is over.</summary>
    public void End() => Volatile.Write(ref began, 0);

    private void Watch()
    {
        for (;;)
        {
            Thread.Sleep(500);
            if (Volatile.Read(ref began) is not 0 and var at && Stopwatch.GetElapsedTime(at) > Limit) Environment.Exit(ExitCode);
        }
    }
}
