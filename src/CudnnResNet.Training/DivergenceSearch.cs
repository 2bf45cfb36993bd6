using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>Where a run first went wrong.</summary>
/// <param name="StepInEpoch">The step within the epoch, 1-based.</param>
/// <param name="Values">The first values that are not finite.</param>
internal sealed record DivergenceOrigin(int StepInEpoch, NonFiniteValues Values);

/// <summary>
/// Finds the layer in which a run that diverged first had a value that is not finite. When it is noticed, that value has long spread through
/// all layers. So the steps since the last good checkpoint are done again, which gives the same bytes, up to the one in question, and that
/// one is looked at layer by layer. An ordinary run pays nothing for it.
/// </summary>
/// <param name="trainer">The run.</param>
/// <param name="images">Its images on the device.</param>
/// <param name="from">The last good checkpoint, of the epoch in question.</param>
/// <param name="cancellation">Gives up.</param>
internal sealed class DivergenceSearch(Trainer trainer, TrainingImages images, Checkpoint from, CancellationToken cancellation)
{
    private readonly ResNet network = trainer.Network;
    private readonly TrainingPlan plan = trainer.Plan;

    /// <summary>Does the training steps again.</summary>
    /// <param name="firstSuspect">The first step within the epoch, 1-based, that may be the one: those before are not looked at.</param>
    /// <param name="last">The last that may be.</param>
    /// <returns>Null where this time all was finite, or where it was cancelled.</returns>
    public DivergenceOrigin? InTraining(int firstSuspect, int last)
    {
        int[] order = new int[plan.TrainImages];
        EpochOrder.Fill(order, from.Epoch, trainer.Options.Seed);
        Restore();
        network.BeginEpoch(images.Train, from.Epoch, order, plan.RatesOf(from.Epoch, from.WarmingUp));
        DivergenceOrigin? origin = null;
        for (int step = from.StepInEpoch; step < last && origin is null && !cancellation.IsCancellationRequested; step++)
        {
            int first = step * plan.BatchSize, n = plan.ImagesIn(step);
            if (step + 1 < firstSuspect) network.TrainStep(images.Train, step, first, n);
            else if (network.FindNonFiniteInStep(images.Train, step, first, n) is { } values) origin = new(step + 1, values);
        }
        return origin;
    }

    /// <summary>Evaluates the images again with the weights as they are.</summary>
    public NonFiniteValues? InEvaluation(DeviceImages set)
    {
        for (int first = 0; first < set.Count && !cancellation.IsCancellationRequested; first += plan.BatchSize)
            if (network.FindNonFiniteInEvaluation(set, first, Math.Min(plan.BatchSize, set.Count - first)) is { } values) return values;
        return null;
    }

    /// <summary>Makes the network what it was at the checkpoint.</summary>
    public void Restore()
    {
        network.Load(from.State);
        network.LoadMomentum(from.Momentum);
    }
}
