using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak.Faults;

/// <summary>The disk takes a random number of bytes more.</summary>
internal sealed class FullDiskFault() : RunFault("disk full")
{
    // A run writes about eight checkpoints and weights of half a megabyte.
    private const int Most = 5_000_000;

    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        try
        {
            using var trainer = Trainer.StartWith(options, TinyRun.Data, (architecture, network) => new(architecture, network), new FullDisk(random.Next(Most)));
            trainer.Run();
            return Undisturbed.Difference(folder);
        }
        catch (RunFolderException error) when (error.Message.Contains("No space left", StringComparison.Ordinal))
        {
            return GoOn(folder);
        }
    }
}

/// <summary>An operation on the disk is refused, the disk goes, the process or the power dies.</summary>
internal sealed class UnreliableDiskFault() : RunFault("disk refuses or loses power")
{
    private const int Operations = 150;

    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        Directory.CreateDirectory(options.Output);
        var disk = new UnreliableDisk(options.Output, (Disaster)random.Next(Enum.GetValues<Disaster>().Length), random.Next(1, Operations));
        long saved = -1;
        try
        {
            using var trainer = Trainer.StartWith(options, TinyRun.Data, (architecture, network) => new(architecture, network), disk);
            trainer.Run(new TinyRun.Watcher(report =>
            {
                // What was saved before the first step, and at an epoch's end, is on the disk when it is reported.
                if (report is StepProgress) saved = Math.Max(saved, 0);
                if (report is EpochProgress epoch) saved = (epoch.Row.Epoch + 1) * TinyRun.StepsPerEpoch;
            }));
            if (!disk.HasHappened) return Undisturbed.Difference(folder);
        }
        catch (RunFolderException error) when (error.Message.Contains("refused", StringComparison.Ordinal))
        {
        }
        catch (DeadException)
        {
        }
        disk.Restart();
        if (!HasCheckpoint(folder)) return saved < 0 ? null : $"no checkpoint is left, step {saved} was saved";
        long found = Checkpoint.LoadNewest(Path.Combine(folder, "last.state"), out _).Step;
        return found < saved ? $"the checkpoint is of step {found}, step {saved} was saved" : GoOn(folder);
    }
}

/// <summary>Somebody removes the run's folder.</summary>
internal sealed class FolderRemovedFault() : RunFault("output folder removed")
{
    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        try
        {
            using var trainer = Trainer.Start(options, TinyRun.Data);
            trainer.Run(AtSomeStep(random, () => Directory.Delete(folder, recursive: true)));
            return "the run came to its end in a folder that is gone";
        }
        catch (RunFolderException error) when (error.Message.Contains(folder, StringComparison.Ordinal))
        {
        }
        TinyRun.Train(options);
        return Undisturbed.Difference(folder);
    }
}

/// <summary>Bytes of the newest checkpoint change, or its end goes: the one before it is as good.</summary>
internal sealed class DamagedCheckpointFault() : RunFault("damaged checkpoint")
{
    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        using var stop = new CancellationTokenSource();
        TinyRun.Train(options, AtSomeStep(random, stop.Cancel).Report, stop.Token);
        string state = Path.Combine(folder, "last.state"), previous = Path.Combine(folder, Checkpoint.PreviousName);
        bool both = random.Next(4) == 0;
        Damage(random, state);
        if (both) Damage(random, previous);
        if (!both) return GoOn(folder);
        try
        {
            TinyRun.Resume(folder);
            return "a run went on from damaged checkpoints";
        }
        catch (WeightsException error) when (error.Message.Contains(state, StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static void Damage(Random random, string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        switch (random.Next(3))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            default:
                int from = random.Next(bytes.Length);
                random.NextBytes(bytes.AsSpan(from, random.Next(1, bytes.Length - from + 1)));
                break;
        }
        File.WriteAllBytes(path, bytes);
    }
}
