using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Peers.Worker;

/// <summary>A whole training of ResNet-20 by the recipe for processors.</summary>
/// <param name="DataSet">cifar10 or synthetic.</param>
/// <param name="Folder">CIFAR-10's folder, or null to search.</param>
/// <param name="Epochs">Passes over the training images.</param>
/// <param name="Seed">Of weights, order, crops and flips.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="Output">Where a side may write files.</param>
public sealed record TrainingRequest(string DataSet, string? Folder, int Epochs, ulong Seed, int Threads, string Output)
{
    /// <summary>The same as options of this engine's trainer; files are written after epochs only, as a peer has none.</summary>
    public TrainOptions ToOptions() => new()
    {
        Device = "cpu",
        Threads = Threads,
        Recipe = Recipe.Fast,
        Epochs = Epochs,
        Seed = Seed,
        Output = Output,
        CheckpointEvery = 0,
    };

    /// <summary>Reads the images.</summary>
    /// <exception cref="DataException">They are not there.</exception>
    public DataSet LoadData() =>
        DataLocator.LoadAsync(new() { DataSet = DataSet, Folder = Folder, Offline = true }).GetAwaiter().GetResult().Data;
}
