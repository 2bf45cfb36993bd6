using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak.Faults;

/// <summary>A fault in the middle of a short run in this process, after which the run goes on to the undisturbed end.</summary>
internal abstract class RunFault(string name, Func<TrainOptions, TrainOptions>? change = null) : Fault(name), IDisposable
{
    private readonly Lazy<Undisturbed> undisturbed = new(() => new(change));

    /// <summary>The run without the fault.</summary>
    protected Undisturbed Undisturbed => undisturbed.Value;

    public sealed override string? Try(Random random)
    {
        using var temp = new TemporaryFolder();
        return Try(random, Undisturbed.Options with { Output = temp.Path, CheckpointEvery = random.Next(1, TinyRun.StepsPerEpoch) }, Undisturbed.Folder(temp));
    }

    /// <inheritdoc cref="Fault.Try(Random)"/>
    /// <param name="random">The only source of chance.</param>
    /// <param name="options">The options of the run, in an output folder of its own.</param>
    /// <param name="folder">The run's folder.</param>
    protected abstract string? Try(Random random, TrainOptions options, string folder);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (undisturbed.IsValueCreated) undisturbed.Value.Dispose();
    }

    /// <summary>Goes on where there is something to go on from, and compares.</summary>
    protected string? GoOn(string folder) => HasCheckpoint(folder) ? Undisturbed.ResumedDifference(folder) : null;

    /// <summary>Whether there is something to go on from.</summary>
    protected static bool HasCheckpoint(string folder) => File.Exists(Path.Combine(folder, "last.state")) || File.Exists(Path.Combine(folder, Checkpoint.PreviousName));

    /// <summary>Reports of steps: what is done at a random one of them.</summary>
    protected static TinyRun.Watcher AtSomeStep(Random random, Action act)
    {
        int at = random.Next(1, 2 * TinyRun.StepsPerEpoch), reports = 0;
        return new(report =>
        {
            if (report is StepProgress && ++reports == at) act();
        });
    }
}
