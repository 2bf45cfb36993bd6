using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>
/// One run: a network, a data set, a recipe and a run folder. Make it with <see cref="Start"/> or <see cref="Resume"/>, then
/// <see cref="Run"/> it once.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>Begins a new run: builds the network, loads the data set to its device and makes the run folder.</summary>
    /// <param name="options">What to do; nulls are filled in by the recipe.</param>
    /// <param name="data">Its training images are learnt, its test images only counted.</param>
    /// <exception cref="InvalidSettingException">An option is out of range.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    /// <exception cref="RunFolderException">The output folder cannot be written.</exception>
    /// <exception cref="WeightsException">The initial weights are damaged or another network's.</exception>
    public static Trainer Start(TrainOptions options, DataSet data) => throw new NotImplementedException();

    /// <summary>Goes on with a run from its last checkpoint, as if it had never stopped.</summary>
    /// <param name="folder">The run's folder, from <see cref="RunFolder.Open"/>; the trainer disposes of it.</param>
    /// <param name="options">
    /// <see cref="RunFolder.ReadOptions"/>, in which only what does not change the result may be replaced: device, threads, data, offline,
    /// output, name, checkpoint-every, log-interval.
    /// </param>
    /// <param name="data">The data set of the run.</param>
    /// <exception cref="InvalidSettingException">Another option differs from the run's, or the data set does.</exception>
    /// <exception cref="EngineException">The checkpoint is missing, damaged or another network's.</exception>
    public static Trainer Resume(RunFolder folder, TrainOptions options, DataSet data) => throw new NotImplementedException();

    /// <summary>The effective options, as in <c>args.json</c>.</summary>
    public TrainOptions Options => throw new NotImplementedException();

    /// <summary>What the recipe came to.</summary>
    public TrainingPlan Plan => throw new NotImplementedException();

    /// <summary>Where the run is written.</summary>
    public RunFolder Folder => throw new NotImplementedException();

    /// <summary>The network that is trained.</summary>
    public ResNet Network => throw new NotImplementedException();

    /// <summary>True where the run goes on from a checkpoint.</summary>
    public bool Resumed => throw new NotImplementedException();

    /// <summary>Steps done before this process, 0 in a new run.</summary>
    public long StepsDone => throw new NotImplementedException();

    /// <summary>
    /// How long the paper's 64,000 iterations would take here, evaluation left out: from a few timed steps of this network, after which
    /// weights and velocities are as before. Takes a few seconds; not after <see cref="Run"/> has begun.
    /// </summary>
    public TimeSpan EstimatePaperTime() => throw new NotImplementedException();

    /// <summary>Trains to the end, or until cancelled, which saves a checkpoint and returns.</summary>
    /// <param name="progress">Told of every log interval and epoch, on this thread.</param>
    /// <param name="cancellation">Looked at between two steps.</param>
    /// <exception cref="DivergedException">A NaN or an infinity; the last good checkpoint is untouched.</exception>
    /// <exception cref="RunFolderException">A file of the run folder cannot be written (a full disk); the last checkpoint is whole.</exception>
    public TrainResult Run(IProgress<TrainProgress>? progress = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Frees the network and releases the run folder.</summary>
    public void Dispose() => throw new NotImplementedException();
}
