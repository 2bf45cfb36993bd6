namespace CudnnResNet.Training;

/// <summary>The learning rate of every step of a run, counted from its very first step, whatever the epoch.</summary>
public abstract record LearningRateSchedule
{
    /// <summary>The rate of an iteration.</summary>
    /// <param name="iteration">Iterations done before it since the start of the run: 0 for the first.</param>
    public abstract double RateAt(long iteration);

    /// <summary>One phrase for people.</summary>
    public abstract string Describe();
}

/// <summary>The paper's schedule: a constant rate, multiplied by gamma at each milestone.</summary>
/// <param name="Rate">The first rate.</param>
/// <param name="Milestones">Steps done at which the rate changes, ascending.</param>
/// <param name="Gamma">The factor.</param>
public sealed record StepSchedule(double Rate, IReadOnlyList<long> Milestones, double Gamma) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double RateAt(long iteration)
    {
        int drops = Milestones.Count(milestone => iteration >= milestone);
        // Gamma 0.1 stands for "divided by 10"; one power instead of a chain of products keeps 0.1 -> 0.01 -> 0.001 as close as doubles are.
        return Rate * Math.Pow(Gamma, drops);
    }

    /// <inheritdoc/>
    public override string Describe() => Milestones.Count == 0
        ? $"lr {Rate}"
        : $"lr {Rate}, x {Gamma} after {string.Join(" and ", Milestones.Select(milestone => milestone.ToString("N0")))} iterations";
}

/// <summary>A linear rise from nearly 0 to the peak, then half a cosine back to nearly 0.</summary>
/// <param name="Peak">The highest rate, reached by the last step of the rise.</param>
/// <param name="RiseSteps">Steps of the rise.</param>
/// <param name="TotalSteps">Steps of the whole run; the rate after them is 0.</param>
public sealed record OneCycleSchedule(double Peak, long RiseSteps, long TotalSteps) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double RateAt(long iteration)
    {
        if (iteration >= TotalSteps) return 0;
        if (iteration < RiseSteps) return Peak * (iteration + 1) / RiseSteps;
        double done = (iteration - RiseSteps + 1.0) / (TotalSteps - RiseSteps + 1.0);
        return Peak * 0.5 * (1 + Math.Cos(Math.PI * done));
    }

    /// <inheritdoc/>
    public override string Describe() => $"lr up to {Peak} and down to 0";
}
