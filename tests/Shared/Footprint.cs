using System.Diagnostics;
using System.Globalization;

namespace CudnnResNet.Tests;

/// <summary>What this process holds: what must stay flat however long it works.</summary>
/// <param name="PrivateBytes">Memory of its own that is in use, after a full collection.</param>
/// <param name="ManagedBytes">The part of it that belongs to .NET objects.</param>
/// <param name="Handles">Open files, sockets and the like.</param>
/// <param name="Threads">Threads of any kind.</param>
internal readonly record struct Footprint(long PrivateBytes, long ManagedBytes, int Handles, int Threads)
{
    /// <summary>Measures it.</summary>
    public static Footprint Now()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return new(process.PrivateMemorySize64, GC.GetTotalMemory(forceFullCollection: false), process.HandleCount, process.Threads.Count);
        }
        string[] status = File.ReadAllLines("/proc/self/status");
        return new(1024 * Number(status, "RssAnon"), GC.GetTotalMemory(forceFullCollection: false), Directory.GetFileSystemEntries("/proc/self/fd").Length, (int)Number(status, "Threads"));
    }

    /// <summary>What is more than it was.</summary>
    public static Footprint operator -(Footprint now, Footprint before) => new(
        now.PrivateBytes - before.PrivateBytes, now.ManagedBytes - before.ManagedBytes, now.Handles - before.Handles, now.Threads - before.Threads);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PrivateBytes / 1e6:F1} MB ({ManagedBytes / 1e6:F1} managed), {Handles} handles, {Threads} threads");

    // "RssAnon:	   12345 kB"
    private static long Number(string[] status, string name) =>
        long.Parse(status.First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).AsSpan(name.Length + 1).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
}
