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
        // How and where it is computed is this command's to say; in the rest it agrees with the run.
        return Trainer.Resume(Earlier.Folder, Effective(Options, Plan, data), data);
    }

    private static PlannedRun Look(TrainOptions options, DataSet data, Dictionary<TrainOptions, TimeSpan?> times)
    {
        var plan = TrainingPlan.Create(options, TrainingImages.CountWithout(data, options.Validation), data.IsSynthetic);
        var earlier = EarlierRun.Find(options.Output, Effective(options, plan, data), IsEmulated(options));
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

    private static TrainOptions Effective(TrainOptions options, TrainingPlan plan, DataSet data) => plan.Effective(options) with { Dataset = data.Name };

    private static bool IsEmulated(TrainOptions options) => options.ToDevice() is { Kind: DeviceKind.Cuda } device && CudaSupport.IsEmulator(device.Ordinal);
}
