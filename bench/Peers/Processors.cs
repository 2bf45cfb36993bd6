using System.Globalization;

namespace CudnnResNet.Peers;

/// <summary>What this machine's processors are doing.</summary>
internal static class Processors
{
    private const string Statistics = "/proc/stat";
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(1);

    /// <summary>The part of their time, 0..1, that was in use during one second; null where the system does not tell.</summary>
    public static double? BusyShare()
    {
        if (!File.Exists(Statistics)) return null;
        var (idle, all) = Read();
        Thread.Sleep(Watch);
        var (idleAfter, allAfter) = Read();
        return allAfter > all ? 1 - (double)(idleAfter - idle) / (allAfter - all) : null;
    }

    /// <summary>The first line: cpu user nice system idle iowait irq softirq steal …, in ticks since the start.</summary>
    private static (long Idle, long All) Read()
    {
        var ticks = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return (ticks[3] + ticks[4], ticks.Sum());
    }
}
