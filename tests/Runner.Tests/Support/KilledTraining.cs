using System.Diagnostics;

namespace CudnnResNet.Runner.Tests;

/// <summary>Where kills have hit a training, told from what they left behind.</summary>
/// <param name="BeforeTheFirstCheckpoint">Nothing had been done that could be lost.</param>
/// <param name="WhileAFileWasWritten">A temporary file was there.</param>
/// <param name="BetweenTwoFilesOfASave">The weights were newer than the checkpoint, or the checkpoint was renamed and the new one not yet.</param>
/// <param name="Elsewhere">While the program started, trained or evaluated.</param>
internal sealed record KillCounts(int BeforeTheFirstCheckpoint, int WhileAFileWasWritten, int BetweenTwoFilesOfASave, int Elsewhere)
{
    public int Kills => BeforeTheFirstCheckpoint + WhileAFileWasWritten + BetweenTwoFilesOfASave + Elsewhere;

    public override string ToString() =>
        $"{Kills} kills: {BeforeTheFirstCheckpoint} before the first checkpoint, {WhileAFileWasWritten} while a file was written, {BetweenTwoFilesOfASave} between two files of a save, {Elsewhere} elsewhere";
}

/// <summary>
/// A short training by the real program, killed (SIGKILL) at random moments and resumed until it comes to its end, where its files have to
/// be those of a training that nobody disturbed.
/// </summary>
internal sealed class KilledTraining : IDisposable
{
    private const string SlowSave = "CUDNNRESNET_TEST_SAVE_DELAY_MS=100", FastSave = "CUDNNRESNET_TEST_SAVE_DELAY_MS=";
    private const int Killed = 128 + 9;

    // A checkpoint after every step: after its start the program is saving most of the time.
    private static readonly string[] Args =
        ["train", "--dataset", "synthetic", "--depth", "8", "--batch-size", "8", "--epochs", "2", "--seed", "3", "--name", "tiny", "--checkpoint-every", "1", "--quiet"];

    private readonly TemporaryFolder undisturbed = new();
    private readonly Random random;
    private readonly TimeSpan duration;

    /// <summary>Trains once without disturbance.</summary>
    /// <param name="seed">Of the moments.</param>
    public KilledTraining(int seed)
    {
        random = new(seed);
        using var program = RunnerProgram.Start(undisturbed, Args, TinyRun.Size);
        WaitForWriting(program, undisturbed, logged: 0);
        long start = Stopwatch.GetTimestamp();
        program.Wait().Succeeds();
        duration = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>All kills until now.</summary>
    public KillCounts Counts { get; private set; } = new(0, 0, 0, 0);

    /// <summary>One training from its start to its end, with as many kills as come to it.</summary>
    /// <param name="atMost">After so many kills it is left alone.</param>
    /// <returns>Null where it ended with the undisturbed files, else what was lost.</returns>
    public string? Train(int atMost = int.MaxValue)
    {
        using var folder = new TemporaryFolder();
        bool begun = false;
        for (int kills = 0; ; kills++)
        {
            bool hasCheckpoint = File.Exists(Run(folder, "last.state")) || File.Exists(Run(folder, "previous.state"));
            if (begun && !hasCheckpoint) return "no checkpoint is left";
            begun = hasCheckpoint;
            if (!begun && Directory.Exists(Run(folder))) Directory.Delete(Run(folder), recursive: true);

            bool slow = random.Next(2) == 0;
            long logged = begun ? new FileInfo(Run(folder, "run.log")).Length : 0;
            using var program = RunnerProgram.Start(folder, begun ? ["train", "--resume", "--quiet"] : Args, TinyRun.Size, slow ? SlowSave : FastSave);
            if (kills < atMost)
            {
                // One kill in eight comes while the program starts or at any later time.
                if (random.Next(8) > 0) WaitForWriting(program, folder, logged);
                if (!program.EndsWithin(duration * random.NextDouble() * (slow ? 1 : 0.5))) program.Kill();
            }
            var outcome = program.Wait();
            if (outcome.ExitCode != Killed) return outcome.ExitCode == 0 ? Difference(folder) : outcome.ToString();
            Count(folder);
        }
    }

    public void Dispose() => undisturbed.Dispose();

    // Starting takes as long as training; what is written comes after it.
    private static void WaitForWriting(RunnerProgram program, TemporaryFolder folder, long logged)
    {
        var log = new FileInfo(Run(folder, "run.log"));
        do log.Refresh();
        while (!(log.Exists && log.Length > logged) && !program.EndsWithin(TimeSpan.FromMilliseconds(2)));
    }

    private void Count(TemporaryFolder folder)
    {
        string last = Run(folder, "last.state"), weights = Run(folder, "last.safetensors");
        bool hasLast = File.Exists(last), hasPrevious = File.Exists(Run(folder, "previous.state"));
        if (!hasLast && !hasPrevious) Counts = Counts with { BeforeTheFirstCheckpoint = Counts.BeforeTheFirstCheckpoint + 1 };
        else if (Directory.GetFiles(Run(folder), "*.tmp").Length > 0) Counts = Counts with { WhileAFileWasWritten = Counts.WhileAFileWasWritten + 1 };
        else if (!hasLast || File.Exists(weights) && File.GetLastWriteTimeUtc(weights) > File.GetLastWriteTimeUtc(last)) Counts = Counts with { BetweenTwoFilesOfASave = Counts.BetweenTwoFilesOfASave + 1 };
        else Counts = Counts with { Elsewhere = Counts.Elsewhere + 1 };
    }

    private string? Difference(TemporaryFolder folder)
    {
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
        {
            if (!File.ReadAllBytes(Run(undisturbed, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Run(folder, name)))) return $"{name} has other bytes";
        }
        if (!Summary.WithoutTimes(Run(undisturbed)).SequenceEqual(Summary.WithoutTimes(Run(folder)))) return "summary.csv has other values";
        string[] temporary = Directory.GetFiles(Run(folder), "*.tmp");
        return temporary.Length == 0 ? null : $"{Path.GetFileName(temporary[0])} is left";
    }

    private static string Run(TemporaryFolder folder, params string[] file) => folder[["runs", TinyRun.Name, .. file]];
}
