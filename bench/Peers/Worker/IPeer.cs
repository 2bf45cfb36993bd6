namespace CudnnResNet.Peers.Worker;

/// <summary>One side of the comparison.</summary>
public interface IPeer
{
    /// <summary>Name and version of the library.</summary>
    string Version { get; }

    /// <summary>Builds the network and gets ready for steps.</summary>
    IOpenWork Open(Work work);

    /// <summary>The logits (N, 10) of the first N = <see cref="Work.BatchSize"/> images, with the running statistics.</summary>
    double[] Logits(Work work);

    /// <summary>Trains a network, one epoch in each of this side's turns; its times count these turns alone.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="awaitTurn">To be called when everything is ready and after each report but the last: sleeps until the next turn. False: no turn will come.</param>
    /// <param name="report">Told of each epoch when it is trained and evaluated.</param>
    void Train(TrainingRequest request, Func<bool> awaitTurn, Action<Epoch> report);
}

/// <summary>A network that is ready for steps.</summary>
public interface IOpenWork : IDisposable
{
    /// <summary>What the library says it computes with: threads, instructions.</summary>
    string Device { get; }

    /// <summary>Multiply-adds that a step executes; null where the library does not tell.</summary>
    double? ExecutedMultiplyAdds => null;

    /// <summary>Measures how many operations a second these threads reach with nothing but fused multiply-adds in registers; null where the library cannot.</summary>
    double? MeasurePeak() => null;

    /// <summary>One step: from floats (N, 3, 32, 32) in the host's memory to updated weights, or to logits in the host's memory.</summary>
    void RunStep();
}
