using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>
/// One run: a network, a data set, a recipe and a run folder. Make it with <see cref="Start"/> or <see cref="Resume(string, DataSet)"/>, then
/// <see cref="Run"/> it once.
/// </summary>
/// <remarks>
/// A resumed run gives the same weights and the same <c>summary.csv</c>, times apart, as one that was never interrupted, on every device
/// that computes in float32 (the reference device keeps doubles, which a checkpoint rounds). Not thread-safe, but bound to no thread: what
/// was made on one may run on another. Nothing is written to the console.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly TrainingImages images;
    private readonly Checkpoint? from;
    private readonly CancellationTokenSource disposing = new();
    private readonly Lock gate = new();
    private bool ran, running, disposed;

    private Trainer(TrainOptions options, TrainingPlan plan, DataSet data, string dataSha256, ResNet network, TrainingImages images, RunFolder folder, Checkpoint? from, IReadOnlyList<string> notices)
    {
        (Options, Plan, ClassNames, DataSha256, Network, this.images, Folder, this.from, Notices) = (options, plan, data.ClassNames, dataSha256, network, images, folder, from, notices);
    }

    /// <summary>The effective options, as in <c>args.json</c>.</summary>
    public TrainOptions Options { get; }

    /// <summary>What the recipe came to.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>A name for each class of the data set.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The network that is trained.</summary>
    public ResNet Network { get; }

    /// <summary>Where the run is written.</summary>
    public RunFolder Folder { get; }

    /// <summary>Lines that a user should see before the run begins: what was taken for granted, or leaked, or is not the newest.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>True where the run goes on from a checkpoint.</summary>
    public bool Resumed => from is not null;

    /// <summary>Steps done before this process, 0 in a new run.</summary>
    public long StepsDone => from?.Step ?? 0;

    /// <summary>What the checkpoints say of the data set: <see cref="DataSet.Sha256"/>.</summary>
    internal string DataSha256 { get; }

    /// <summary>Begins a new run: builds the network, loads the data set to its device and makes the run folder.</summary>
    /// <param name="options">What to do; nulls are filled in by the recipe.</param>
    /// <param name="data">Its training images are learnt, its test images only counted.</param>
    /// <exception cref="InvalidSettingException">An option is out of range.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    /// <exception cref="RunFolderException">The output folder cannot be written.</exception>
    /// <exception cref="WeightsException">The initial weights are damaged or another network's.</exception>
    public static Trainer Start(TrainOptions options, DataSet data) => StartWith(options, data, Make);

    /// <summary>The same with networks from elsewhere, of a test's device, and on a given file system, null for the machine's.</summary>
    internal static Trainer StartWith(TrainOptions options, DataSet data, Func<ArchitectureSpec, NetworkOptions, ResNet> make, FileOperations? files = null)
    {
        var plan = TrainingPlan.Create(options, TrainingImages.CountWithout(data, options.Validation), data.IsSynthetic);
        options = plan.Effective(options) with { Dataset = data.Name };
        var notices = new List<string>();
        using var owned = new DisposeOnFailure();
        var (network, images) = Build(owned, options, plan, data, notices, make);
        if (options.InitialWeights is { } path) LoadInitial(network, path, notices);

        var folder = owned.Add(RunFolder.Create(options.Output, NameOf(options, plan.Recipe, data, network), files ?? FileOperations.Default));
        folder.Guard(() => folder.WriteOptions(options));
        owned.Release();
        return new(options, plan, data, data.Sha256(), network, images, folder, null, notices);
    }

    /// <summary>Goes on with a run from its last checkpoint, as if it had never stopped.</summary>
    /// <param name="folder">The run's folder, from <see cref="RunFolder.Open(string)"/>; the trainer disposes of it.</param>
    /// <param name="options">
    /// <see cref="RunFolder.ReadOptions()"/>, in which only what does not change the result may be replaced: device, threads, data, offline,
    /// output, name, checkpoint-every, log-interval, profile.
    /// </param>
    /// <param name="data">The data set of the run.</param>
    /// <exception cref="InvalidSettingException">Another option differs from the run's, or the data set's name or size does.</exception>
    /// <exception cref="DataException">The images are not those that the run began with.</exception>
    /// <exception cref="WeightsException">The checkpoint is missing, damaged or another network's.</exception>
    public static Trainer Resume(RunFolder folder, TrainOptions options, DataSet data) => ResumeWith(folder, options, data, Make);

    /// <summary>Goes on with a run from its last checkpoint, with the run's own options.</summary>
    /// <param name="path">The run's folder, or a file in it.</param>
    /// <param name="data">The data set of the run.</param>
    /// <exception cref="RunFolderException">It is not a run's folder, or another process has it open.</exception>
    /// <exception cref="InvalidSettingException">The data set has another name or size.</exception>
    /// <exception cref="DataException">The images are not those that the run began with.</exception>
    /// <exception cref="WeightsException">The checkpoint is missing, damaged or another network's.</exception>
    public static Trainer Resume(string path, DataSet data) => Resume(path, options: null, data);

    /// <summary>The same with other options, of which those that change the result must be the run's; null for the run's own.</summary>
    internal static Trainer Resume(string path, TrainOptions? options, DataSet data)
    {
        using var owned = new DisposeOnFailure();
        var folder = owned.Add(RunFolder.Open(path));
        var trainer = Resume(folder, options ?? folder.ReadOptions(), data);
        owned.Release();
        return trainer;
    }

    /// <summary>The same with networks from elsewhere: of a test's device.</summary>
    internal static Trainer ResumeWith(RunFolder folder, TrainOptions options, DataSet data, Func<ArchitectureSpec, NetworkOptions, ResNet> make)
    {
        options.Check();
        if (data.Name != options.Dataset) throw new InvalidSettingException($"the run was on the data set {options.Dataset}, this is {data.Name}");
        RequireSame(folder.ReadOptions(), options);
        var checkpoint = Checkpoint.LoadNewest(folder.CheckpointFile, out string? notice);
        RequireSame(TrainOptions.FromJson(checkpoint.Options), options);
        var plan = TrainingPlan.Create(options, TrainingImages.CountWithout(data, options.Validation), data.IsSynthetic);
        RequirePosition(checkpoint, plan);

        var notices = new List<string>();
        if (notice is not null) notices.Add(notice);
        using var owned = new DisposeOnFailure();
        var (network, images) = Build(owned, options, plan, data, notices, make, checkpoint);
        checkpoint.Require(network.Architecture);
        string dataSha256 = data.Sha256();
        RequireData(checkpoint, data, dataSha256);
        string device = CheckpointMetadata.Text(network.DeviceKind);
        if (checkpoint.Device is { } before && before != device)
            notices.Add($"the checkpoint is of device {before}, the run goes on with {device}: it rounds differently from here on");
        else if (checkpoint.Algorithms is { } chosen && network.Algorithms is { } here && !chosen.Fits(here))
            notices.Add($"cuDNN's algorithms were chosen for {Describe(chosen)}; they are chosen anew for {Describe(here)}: it rounds differently from here on");
        network.Load(checkpoint.State);
        network.LoadMomentum(checkpoint.Momentum);
        owned.Release();
        return new(options, plan, data, dataSha256, network, images, folder, checkpoint, notices);
    }

    /// <summary>
    /// How long the paper's 64,000 iterations would take here, evaluation left out: from a few timed steps of this network, after which
    /// weights and velocities are as before; in a resumed run from the steps done. Takes a few seconds; not after <see cref="Run"/> has begun.
    /// </summary>
    public TimeSpan EstimatePaperTime()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (ran) throw new InvalidOperationException("the estimate has to be made before the run begins");
        double secondsPerImage = from is { TrainingSeconds: > 0, Step: > 0 }
            ? from.TrainingSeconds / (from.Epoch * (double)Plan.TrainImages + from.EpochTotals.Images)
            : StepTiming.SecondsPerImage(Network, images.Train, Plan.ImagesIn(0), Options.Seed);
        return TimeSpan.FromSeconds(secondsPerImage * PaperRecipe.BatchSize * PaperRecipe.Iterations);
    }

    /// <summary>
    /// How long a new run would take here, evaluation included: from a few timed steps of its network, which is thrown away. Nothing is
    /// written. Takes a few seconds.
    /// </summary>
    /// <param name="options">What the run would be started with.</param>
    /// <param name="data">The data set.</param>
    /// <returns>Null where the device is an emulator, whose times mean nothing.</returns>
    /// <exception cref="InvalidSettingException">An option is out of range.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    public static TimeSpan? EstimateTime(TrainOptions options, DataSet data)
    {
        var plan = TrainingPlan.Create(options, TrainingImages.CountWithout(data, options.Validation), data.IsSynthetic);
        using var owned = new DisposeOnFailure();
        var (network, images) = Build(owned, plan.Effective(options), plan, data, [], Make);
        if (network.IsEmulated) return null;
        double step = StepTiming.SecondsPerImage(network, images.Train, plan.ImagesIn(0), options.Seed);
        double evaluation = StepTiming.SecondsPerEvaluatedImage(network, images.Judged);
        return TimeSpan.FromSeconds(step * plan.ImagesUpTo(plan.TotalSteps) + evaluation * images.Judged.Count * plan.Epochs);
    }

    /// <summary>Trains to the end, or until cancelled, which saves a checkpoint and returns.</summary>
    /// <param name="progress">Told of every log interval and epoch, on this thread.</param>
    /// <param name="cancellation">Looked at between two steps; those that the device was given are finished, at most two log intervals of them.</param>
    /// <exception cref="DivergedException">A NaN or an infinity; the last good checkpoint is untouched.</exception>
    /// <exception cref="RunFolderException">A file of the run folder cannot be written (a full disk); the last checkpoint is whole.</exception>
    /// <exception cref="ObjectDisposedException">The trainer is disposed.</exception>
    public TrainResult Run(IProgress<TrainProgress>? progress = null, CancellationToken cancellation = default)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (ran) throw new InvalidOperationException("a trainer runs once; make another with Trainer.Resume");
            ran = running = true;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, disposing.Token);
        try
        {
            return new TrainingLoop(this, images, from, progress, stop.Token).Run();
        }
        finally
        {
            EndRun();
        }
    }

    /// <summary>The same on a thread of its own, so that a user interface or a request stays free.</summary>
    /// <param name="progress">Told on that thread, in order; see <see cref="TrainProgress"/>.</param>
    /// <param name="cancellation">See <see cref="Run"/>. A cancelled run is no cancelled task: it ends with <see cref="TrainResult.Interrupted"/>.</param>
    /// <exception cref="DivergedException">See <see cref="Run"/>.</exception>
    /// <exception cref="RunFolderException">See <see cref="Run"/>.</exception>
    public Task<TrainResult> RunAsync(IProgress<TrainProgress>? progress = null, CancellationToken cancellation = default) =>
        Task.Factory.StartNew(() => Run(progress, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// Frees the network and releases the run folder. While the run goes on, it is stopped as if cancelled, and it frees both when it has
    /// saved its checkpoint and ends; this does not wait for that, so that a report of progress may dispose of its own trainer.
    /// </summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (running)
            {
                disposing.Cancel();
                return;
            }
        }
        Free();
    }

    private void EndRun()
    {
        lock (gate)
        {
            running = false;
            if (!disposed) return;
        }
        Free();
    }

    private void Free()
    {
        images.Dispose();
        Network.Dispose();
        Folder.Dispose();
        disposing.Dispose();
    }

    private static (ResNet Network, TrainingImages Images) Build(DisposeOnFailure owned, TrainOptions options, TrainingPlan plan, DataSet data, List<string> notices,
        Func<ArchitectureSpec, NetworkOptions, ResNet> make, Checkpoint? from = null)
    {
        var (train, held) = TrainingImages.Split(data, options.Validation, options.Seed);
        var normalization = NormalizationStatistics.Create(options.Normalize, train);
        if (options.Normalize == Normalization.Reference.Name) notices.Add(NormalizationStatistics.ReferenceNotice);
        var network = owned.Add(make(options.ToArchitecture(data.ClassNames.Count), new()
        {
            Device = options.ToDevice() with
            {
                // A run goes on with the algorithms it has; timing them again would choose others.
                Autotune = options.Autotune && from is null,
                Algorithms = from?.Algorithms,
            },
            BatchSize = options.BatchSize,
            OtherBatchSizes = [.. LastBatches(plan, held, data.Test)],
            Normalization = normalization,
            Crop = options.Crop,
            Flip = !options.NoFlip,
            Seed = options.Seed,
            Momentum = plan.Momentum,
            WeightDecay = plan.WeightDecay,
            Profile = options.Profile,
            Trace = options.Trace,
            CudaProfilerRange = options.CudaProfilerRange,
        }));
        return (network, owned.Add(new TrainingImages(network, train, held, data.Test)));
    }

    private static string Describe(AlgorithmChoice choice) => $"{choice.Gpu}, cuDNN {choice.Cudnn}, {choice.Precision.ToString().ToLowerInvariant()}";

    private static ResNet Make(ArchitectureSpec architecture, NetworkOptions options) => new(architecture, options);

    /// <summary>The smaller batches at the end of an epoch and of its evaluations.</summary>
    private static IEnumerable<int> LastBatches(TrainingPlan plan, LabelledImages? held, LabelledImages test) =>
        new[] { plan.TrainImages, held?.Count ?? 0, test.Count }.SelectMany(images => Evaluator.LastBatch(images, plan.BatchSize)).Distinct();

    private static void LoadInitial(ResNet network, string path, List<string> notices)
    {
        var weights = WeightsFile.Load(path);
        // A file that does not say what it is is whatever the options say, as far as its tensors allow it.
        if (!weights.Metadata.ContainsKey("arch"))
            weights = WeightsFile.Load(path, new() { Architecture = network.Architecture.Architecture, Shortcut = network.Architecture.Shortcut });
        weights.Require(network.Architecture);
        notices.AddRange(weights.Notices);
        if (weights.Normalization.Name != network.Options.Normalization.Name)
            notices.Add($"the initial weights were trained with normalisation {weights.Normalization.Name}, this run uses {network.Options.Normalization.Name}");
        network.Load(weights.State);
    }

    private static string NameOf(TrainOptions options, Recipe recipe, DataSet data, ResNet network)
    {
        string name = options.Name ?? RunFolder.DefaultName(options, recipe);
        if (data.IsSynthetic) Mark(RunFolder.SyntheticMark);
        if (data.IsOwn) Mark(data.Name);
        if (network.IsEmulated) Mark(RunFolder.EmulatedMark);
        return name;

        void Mark(string mark)
        {
            if (!name.Contains(mark, StringComparison.Ordinal)) name += $"-{mark}";
        }
    }

    private static void RequireSame(TrainOptions run, TrainOptions now)
    {
        var differing = run.ResultDifferences(now);
        if (differing.Count > 0)
            throw new InvalidSettingException($"a resumed run keeps its options; different: {string.Join(", ", differing)}");
    }

    private static void RequireData(Checkpoint checkpoint, DataSet data, string sha256)
    {
        if (checkpoint.DataSha256 is { } before && before != sha256)
            throw new DataException($"the run's {data.Name} images have SHA-256 {before}, those of {data.Source} have {sha256}: other images, so a run that goes on with them would be neither of the two; give it its own data, or start a new run");
    }

    private static void RequirePosition(Checkpoint checkpoint, TrainingPlan plan)
    {
        bool over = checkpoint.Epoch == plan.Epochs && checkpoint.StepInEpoch == 0;
        bool inside = checkpoint.Epoch < plan.Epochs && checkpoint.StepInEpoch <= plan.StepsIn(checkpoint.Epoch);
        if (!over && !inside || checkpoint.Step != Math.Min((long)checkpoint.Epoch * plan.StepsPerEpoch, plan.TotalSteps) + checkpoint.StepInEpoch)
            throw new InvalidSettingException(
                $"the checkpoint's step {checkpoint.Step} (epoch {checkpoint.Epoch}, step {checkpoint.StepInEpoch}) does not fit {plan.Epochs} epochs of {plan.StepsPerEpoch} steps: the data set has another size than the run's");
    }
}
