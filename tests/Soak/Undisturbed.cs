using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak;

/// <summary>A short run that nobody disturbs, and what others of the same options are compared with.</summary>
internal sealed class Undisturbed : IDisposable
{
    private static readonly string[] Weights = ["last.safetensors", "best.safetensors"];

    private readonly TemporaryFolder temp = new();
    private readonly string folder;

    /// <summary>Trains once.</summary>
    /// <param name="change">Changes the options of a small run on the processor; null for none.</param>
    public Undisturbed(Func<TrainOptions, TrainOptions>? change = null)
    {
        Options = change is null ? Base : change(Base);
        (_, folder) = TinyRun.Train(Options with { Output = temp.Path });
    }

    /// <summary>The run's options; its folder is <see cref="Folder"/>.</summary>
    public TrainOptions Options { get; }

    private TrainOptions Base => TinyRun.Options(temp) with { Threads = 3 };

    /// <summary>The folder of a run with these options in another output folder.</summary>
    public string Folder(TemporaryFolder output) => output[Path.GetFileName(folder)];

    /// <summary>Where a run differs from this one; null where it does not.</summary>
    public string? Difference(string other)
    {
        foreach (string name in Weights)
            if (!File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(other, name)))) return $"{name} has other bytes";
        if (!TinyRun.SummaryWithoutTimes(folder).SequenceEqual(TinyRun.SummaryWithoutTimes(other))) return "summary.csv has other values";
        if (Checkpoint.Load(Path.Combine(other, "last.state")).State.Sha256() != WeightsFile.Load(Path.Combine(folder, "last.safetensors")).State.Sha256()) return "last.state has other weights";
        return null;
    }

    /// <summary>Goes on with a run to its end and compares.</summary>
    public string? ResumedDifference(string other)
    {
        var result = TinyRun.Resume(other);
        return result.Interrupted ? "the resumed run did not come to its end" : Difference(other);
    }

    /// <inheritdoc/>
    public void Dispose() => temp.Dispose();
}
