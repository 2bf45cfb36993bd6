using CudnnResNet.Runner.Tests;
using CudnnResNet.Training;
using TinyProgramRun = CudnnResNet.Runner.Tests.TinyRun;
using TinyRun = CudnnResNet.Training.Tests.Runs.TinyRun;

namespace CudnnResNet.Soak.Faults;

/// <summary>The real program is killed at random moments, and goes on.</summary>
internal sealed class KillFault() : Fault("kill -9"), IDisposable
{
    private const int MostKills = 4;
    private KilledTraining? training;

    public override bool IsInProcess => false;

    public override string? Absent => OperatingSystem.IsWindows() ? "POSIX signals" : null;

    public override string? Try(Random random) => (training ??= new(random.Next())).Train(MostKills);

    public void Dispose() => training?.Dispose();
}

/// <summary>The real program is interrupted at a random moment, saves, and goes on.</summary>
internal sealed class SignalFault() : Fault("Ctrl-C or SIGTERM"), IDisposable
{
    private const int Sigint = 2, Sigterm = 15;
    private static readonly string[] Args = TinyProgramRun.Args("--epochs", "2", "--name", "tiny", "--checkpoint-every", "0", "--log-interval", "1", "--json");

    private TemporaryFolder? undisturbed;

    public override bool IsInProcess => false;

    public override string? Absent => OperatingSystem.IsWindows() ? "POSIX signals" : null;

    public override string? Try(Random random)
    {
        if (undisturbed is null)
        {
            undisturbed = new();
            Train(undisturbed, Args).Succeeds();
        }
        using var folder = new TemporaryFolder();
        // A program that was started in the background of a shell, as this one may be, is deaf to SIGINT, and so are those that it starts.
        int signal = IgnoresInterrupts || random.Next(2) == 0 ? Sigterm : Sigint;
        using (var program = RunnerProgram.Start(folder, Args, TinyProgramRun.Size))
        {
            program.WaitForLine("\"event\":\"step\"");
            Thread.Sleep(random.Next(100));
            program.Signal(signal);
            var outcome = program.Wait();
            // It may have been done already.
            if (outcome.ExitCode != 128 + signal && outcome.ExitCode != 0) return $"after signal {signal}: {outcome}";
        }
        Train(folder, "train", "--resume", "--quiet").Succeeds();
        string run = folder["runs", TinyProgramRun.Name], expected = undisturbed["runs", TinyProgramRun.Name];
        if (!File.ReadAllBytes(Path.Combine(expected, "last.safetensors")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, "last.safetensors")))) return "last.safetensors has other bytes";
        return Summary.WithoutTimes(expected).SequenceEqual(Summary.WithoutTimes(run)) ? null : "summary.csv has other values";
    }

    public void Dispose() => undisturbed?.Dispose();

    private static bool IgnoresInterrupts { get; } = File.Exists("/proc/self/status")
        && (Convert.ToUInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16) >> (Sigint - 1) & 1) != 0;

    private static Outcome Train(TemporaryFolder folder, params string[] args)
    {
        using var program = RunnerProgram.Start(folder, args, TinyProgramRun.Size);
        return program.Wait();
    }
}

/// <summary>Another process wants the folder of a run that is going on.</summary>
internal sealed class TwoProcessesFault() : Fault("two processes on one folder"), IDisposable
{
    private readonly Lazy<Undisturbed> undisturbed = new(() => new());

    public override bool IsInProcess => false;

    public override string? Try(Random random)
    {
        using var temp = new TemporaryFolder();
        int stop = random.Next(1, 2 * TinyRun.StepsPerEpoch), reports = 0;
        string folder;
        Outcome? second = null;
        using (var trainer = Trainer.Start(undisturbed.Value.Options with { Output = temp.Path }, TinyRun.Data))
        {
            folder = trainer.Folder.Path;
            trainer.Run(new TinyRun.Watcher(report =>
            {
                if (report is StepProgress && ++reports == stop) second = Resume(temp, folder);
            }));
        }
        second!.Fails(1, "is in use by another process");
        if (undisturbed.Value.Difference(folder) is { } difference) return difference;
        // The lock has gone with its holder: the program may open the folder, and has nothing left to do.
        Resume(temp, folder).Succeeds();
        return undisturbed.Value.Difference(folder);
    }

    public void Dispose()
    {
        if (undisturbed.IsValueCreated) undisturbed.Value.Dispose();
    }

    private static Outcome Resume(TemporaryFolder temp, string folder)
    {
        using var program = RunnerProgram.Start(temp, ["train", "--resume", folder, "--quiet"], "CUDNNRESNET_TEST_SYNTHETIC=20,10");
        return program.Wait();
    }
}
