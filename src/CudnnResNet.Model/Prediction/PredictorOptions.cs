namespace CudnnResNet.Model;

/// <summary>How a <see cref="Predictor"/> works.</summary>
public sealed record PredictorOptions
{
    /// <summary>What computes.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>Images in one pass at most; longer calls are cut up. On the cpu the results do not depend on it.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// Calls that compute at the same time, each on a network of its own; further ones wait for their turn. 0 means one for each processor on
    /// the cpu and reference devices, and a single one on cuda, whose one GPU they would share anyway.
    /// </summary>
    public int Concurrency { get; init; }

    /// <summary>A name for each class in the order of the logits; null for <see cref="Model.ClassNames.Of"/>.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What the caller knows better than the weights file; <see cref="Predictor.Load"/> reads it with these.</summary>
    public WeightsOverrides? Overrides { get; init; }
}
