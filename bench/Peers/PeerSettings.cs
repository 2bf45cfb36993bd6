using CudnnResNet.Model;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Peers;

/// <summary>The options that several commands share.</summary>
internal static class PeerSettings
{
    public static readonly Setting<int> RoundCount = new("--rounds", "N", "Rounds in which every side has one turn (default 5)", ValueText.Whole);
    public static readonly Setting<double> Seconds = new("--seconds", "S", "How long a turn goes on, at least three steps (default 3)", ValueText.Number);
    public static readonly Setting<string> Results = new("--results", "DIR", "Where the results are written (default bench/results)", ValueText.Text);
    public static readonly Setting<string> LockFile = new("--bench-lock", "FILE", $"Held while something is timed, so that no two timings overlap (default {TimingLock.DefaultPath})", ValueText.Text);

    /// <summary>The rounds that --rounds and --seconds describe.</summary>
    /// <exception cref="InvalidSettingException">Out of range.</exception>
    public static Rounds RoundsOf(SettingReader settings)
    {
        double seconds = settings.Get(Seconds, 3.0);
        var rounds = new Rounds(settings.Get(RoundCount, 5), seconds, WarmUpSeconds: seconds);
        if (rounds.Count is < 1 or > 1000) throw new InvalidSettingException($"--rounds {rounds.Count} is not within 1..1000");
        if (seconds is < 0 or > 600) throw new InvalidSettingException($"--seconds {seconds} is not within 0..600");
        return rounds;
    }

    /// <summary>The number of threads, all processors where none is given.</summary>
    /// <exception cref="InvalidSettingException">Out of range.</exception>
    public static int ThreadsOf(SettingReader settings)
    {
        int threads = settings.Get(CommonSettings.Threads, Environment.ProcessorCount);
        return threads is >= 1 and <= 256 ? threads : throw new InvalidSettingException($"--threads {threads} is not within 1..256");
    }

    /// <summary>The folder that holds a folder for each processor.</summary>
    public static string ResultsOf(SettingReader settings) => settings.Get(Results, Path.Combine(PeerProgram.RepositoryRoot(), "bench", "results"));

    /// <summary>The lock that every timing takes.</summary>
    public static TimingLock LockOf(SettingReader settings) => new(settings.Get(LockFile, TimingLock.DefaultPath));
}
