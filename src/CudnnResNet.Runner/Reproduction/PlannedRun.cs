using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reproduction;

/// <summary>One run of several: what it is, how far it came earlier, and how long the rest takes here.</summary>
/// <param name="Options">As given; a new run is started with them.</param>
/// <param name="Plan">What the recipe comes to.</param>
/// <param name="Earlier">The run in the output folder that goes on, or null.</param>
/// <param name="Rest">Time to its end; null on an emulator.</param>
internal sealed record PlannedRun(TrainOptions Options, TrainingPlan Plan, EarlierRun? Earlier, TimeSpan? Rest)
{
    /// <summary>Whether nothing is left to do.</summary>
    public bool IsDone => Earlier?.StepsDone == Plan.TotalSteps;

    /// <summary>Steps of earlier processes.</summary>
    public long StepsDone => Earlier?.StepsDone ?? 0;

    /// <summary>Looks for earlier runs and times a few steps of each network that has none.</summary>
    /// <param name="runs">In the order in which they are to be run.</param>
    /// <param name="data">What they are trained on.</param>
    /// <exception cref="InvalidSettingException">An option is out of range.</exception>
    /// <exception cref="WeightsException">An earlier run's checkpoints are damaged.</exception>
    public static IReadOnlyList<PlannedRun> PlanAll(IReadOnlyList<TrainOptions> runs, DataSet data)
    {
        var times = new Dictionary<TrainOptions, TimeSpan?>();
        return [.. runs.Select(options => Look(options, data, times))];
    }

    /// <summary>The trainer of a run that is not done.</summary>
    public Trainer Open(DataSet data)
    {
        if (Earlier is null) return Trainer.Start(Options, data);
        var folder = RunFolder.Open(Earlier.Folder);
        try
        {
            // How and where it is computed is this command's to say; the rest is as in the run, with which it agrees.
            var options = folder.ReadOptions() with { Device = Options.Device, Threads = Options.Threads, Data = Options.Data, Offline = Options.Offline, CheckpointEvery = Options.CheckpointEvery, LogInterval = Options.LogInterval };
            return Trainer.Resume(folder, options, data);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The run in the output folder that has come furthest with these options, or null.</summary>
    /// <exception cref="WeightsException">Its checkpoints are damaged.</exception>
    public static EarlierRun? FindEarlier(TrainOptions options, DataSet data) => FindEarlier(options, PlanOf(options, data), data);

    private static PlannedRun Look(TrainOptions options, DataSet data, Dictionary<TrainOptions, TimeSpan?> times)
    {
        var plan = PlanOf(options, data);
        var earlier = FindEarlier(options, plan, data);
        if (earlier is { StepsDone: > 0 })
        {
            var rest = TimeSpan.FromSeconds(earlier.ElapsedSeconds / earlier.StepsDone * (plan.TotalSteps - earlier.StepsDone));
            return new(options, plan, earlier, IsEmulated(options) ? null : rest);
        }
        // Seeds cost the same.
        var key = options with { Seed = 0 };
        if (!times.TryGetValue(key, out var time)) times[key] = time = Trainer.EstimateTime(options, data);
        return new(options, plan, earlier, time);
    }

    private static TrainingPlan PlanOf(TrainOptions options, DataSet data) =>
        TrainingPlan.Create(options, TrainingImages.CountWithout(data, options.Validation), data.IsSynthetic);

    private static EarlierRun? FindEarlier(TrainOptions options, TrainingPlan plan, DataSet data) =>
        EarlierRun.Find(options.Output, plan.Effective(options) with { Dataset = data.Name }, IsEmulated(options));

    private static bool IsEmulated(TrainOptions options) => options.ToDevice() is { Kind: DeviceKind.Cuda } device && CudaSupport.IsEmulator(device.Ordinal);
}
