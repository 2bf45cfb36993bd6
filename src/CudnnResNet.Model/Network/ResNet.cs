using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Profiling;

namespace CudnnResNet.Model;

/// <summary>
/// Figure 3 of He et al. 2015 as code: a first conv-norm unit, three stages of blocks of two units, and a head, run forward in
/// <see cref="Forward"/> and backward in <see cref="Backward"/>. Which device computes is decided once, at construction.
/// </summary>
/// <remarks>
/// Not thread-safe: one network, one caller at a time. Everything is allocated at construction. After <see cref="Dispose"/> all that needs
/// the device throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class ResNet : IDisposable
{
    private readonly IDevice device;
    private readonly AugmentUnit augment;
    private readonly ConvNormUnit first;
    private readonly Block[] blocks;
    private readonly HeadUnit head;
    private readonly SgdUnit? sgd;
    private readonly Profiler? profiler;
    private readonly Action<Pass> trainingPass, inferencePass;
    private readonly Mode inferenceMode;
    private bool disposed;

    private readonly Activation x;       // (N, 3, 32, 32)
    private readonly Activation stem;    // (N, 16, 32, 32), the first unit's output
    private readonly Labels labels;      // (N)
    private readonly Gradient? dfeatures; // (N, 64, 8, 8), what the head hands back

    /// <summary>One block: two units, its activations, and the gradients that its backward pass writes.</summary>
    private sealed record Block(ConvNormUnit First, ConvNormUnit Second, Activation Hidden, Activation Y, Gradient? DHidden, Gradient? Ds, Gradient? Dx)
    {
        public bool HasShortcut => Second.Spec.Shortcut != ShortcutKind.None;
    }

    /// <summary>Builds a network with its initial weights.</summary>
    /// <exception cref="InvalidSettingException">An option is out of range.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    public ResNet(ArchitectureSpec architecture, NetworkOptions options) : this(architecture, options, plan => DeviceFactory.Open(options.OpenedDevice, plan)) { }

    internal ResNet(ArchitectureSpec architecture, NetworkOptions options, Func<NetworkPlan, IDevice> open)
    {
        options.Check();
        Architecture = architecture;
        Options = options;
        trainingPass = TrainingPass;
        inferencePass = InferencePass;
        var specs = architecture.ConvNorms();
        bool ofBatch = options.InferenceStatistics == BatchNormStatistics.Batch;
        inferenceMode = ofBatch ? Mode.BatchInference : Mode.Inference;
        device = open(new NetworkPlan(specs, architecture.Head, options.BatchSize, options.Training, options.TimesOps) { OtherBatchSizes = options.OtherBatchSizes, BatchStatistics = ofBatch });
        try
        {
            Timeline = new(options.Trace, options.CudaProfilerRange, SwitchOf(device, options));
            if (Timeline.IsWatched || options.Profile) profiler = new(options.Training ? Mode.Training : Mode.Inference, Timeline);
            if (options.WatchesOps) device = new ProfilingDevice(device, profiler!);
            var gradients = new GradientPool(device, options.Training);

            augment = device.CreateAugment(new(options.Normalization, options.Crop, options.Flip, options.Seed));
            x = device.CreateInput(architecture.Input);
            labels = device.CreateLabels();
            var outputs = new OutputPool(device, options.Training);
            first = device.CreateConvNorm(specs[0]);
            stem = outputs.Next(specs[0]);
            blocks = new Block[(specs.Count - 1) / 2];
            for (int b = 0; b < blocks.Length; b++)
            {
                ConvNormSpec one = specs[2 * b + 1], two = specs[2 * b + 2];
                blocks[b] = new(device.CreateConvNorm(one), device.CreateConvNorm(two), outputs.Next(one), outputs.Next(two),
                    gradients.Hidden(one.Y), gradients.OfShortcut(two), gradients.Alternating(one.X));
            }
            head = device.CreateHead(architecture.Head);
            dfeatures = gradients.Alternating(architecture.Head.X);
            sgd = options.Training ? device.CreateSgd(new(options.Momentum, options.WeightDecay) { Checks = options.ChecksUpdates }) : null;
            device.Allocate();
            Load(Initializer.Create(architecture, options.Seed));
            options.Trace?.Prepare(architecture.Name, device.Description, RangesPerStep());
        }
        catch
        {
            // Nobody else can give back what a GPU that is too small has given so far.
            device.Dispose();
            throw;
        }
    }

    /// <summary>What kind of network this is.</summary>
    public ArchitectureSpec Architecture { get; }

    /// <summary>How it is run.</summary>
    public NetworkOptions Options { get; }

    /// <summary>What computes; never <see cref="DeviceKind.Auto"/>.</summary>
    public DeviceKind DeviceKind => device.Kind;

    /// <summary>Whether the device only stands in for hardware, as the GPU emulator of the tests does: its results count, its times do not.</summary>
    public bool IsEmulated => device.IsEmulated;

    /// <summary>One line for people: what computes, with how many threads and which instructions.</summary>
    public string DeviceDescription => device.Description;

    /// <summary>The ranges of this network's run; a caller adds its own around the steps, such as epochs.</summary>
    public Timeline Timeline { get; }

    /// <summary>
    /// The algorithms that cuDNN's rules or times have chosen for this network, to be given to <see cref="DeviceOptions.Algorithms"/> where
    /// its bytes are to be the same again; null on devices without such a choice. It is final after the first step of each batch size.
    /// </summary>
    public AlgorithmChoice? Algorithms => device.Algorithms;

    /// <summary>The conv-norm units in forward order, for comparisons between devices.</summary>
    internal IEnumerable<ConvNormUnit> Units => blocks.SelectMany(block => new[] { block.First, block.Second }).Prepend(first);

    /// <summary>The head, for comparisons between devices.</summary>
    internal HeadUnit Head => head;

    // ---- Forward and backward: what the paper draws ----

    private void Forward(int n, Mode mode, Labels? labels)
    {
        first.Forward(n, x, null, mode, stem);
        Activation y = stem;
        foreach (var block in blocks)
        {
            block.First.Forward(n, y, null, mode, block.Hidden);
            block.Second.Forward(n, block.Hidden, block.HasShortcut ? y : null, mode, block.Y);
            y = block.Y;
        }
        head.Forward(n, y, labels, mode);
    }

    private void Backward(int n)
    {
        head.Backward(n, dfeatures!);
        Gradient dy = dfeatures!;
        for (int b = blocks.Length - 1; b >= 0; b--)
        {
            Block block = blocks[b];
            // The gradient of the shortcut, whatever its kind, joins the gradient of the block's input.
            block.Second.Backward(n, dy, null, block.DHidden, block.Ds);
            block.First.Backward(n, block.DHidden!, block.Ds, block.Dx, null);
            dy = block.Dx!;
        }
        first.Backward(n, dy, null, null, null);
    }

    // ---- Whole passes: a device may record one and repeat it ----

    private void TrainingPass(Pass pass)
    {
        augment.Forward(pass.Images, pass.First, pass.N, Mode.Training, x, labels);
        Forward(pass.N, Mode.Training, labels);
        Backward(pass.N);
        sgd!.Update(pass.Step);
    }

    private void InferencePass(Pass pass)
    {
        augment.Forward(pass.Images, pass.First, pass.N, inferenceMode, x, labels);
        Forward(pass.N, inferenceMode, labels);
    }

    // ---- Training ----

    /// <summary>Copies images and labels to the device.</summary>
    /// <param name="pixels">(N, 3, 32, 32) bytes.</param>
    /// <param name="labels">N bytes, each below <see cref="ArchitectureSpec.Classes"/>.</param>
    public DeviceImages LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels)
    {
        RequireDevice();
        CheckLabelled(pixels.Length, labels);
        return new(device.LoadImages(pixels, labels));
    }

    /// <summary>Sets the order in which an epoch visits the images and the learning rate of each of its steps.</summary>
    public void BeginEpoch(DeviceImages images, int epoch, ReadOnlySpan<int> order, ReadOnlySpan<double> learningRates)
    {
        RequireDevice();
        images.Set.SetOrder(epoch, order);
        Trainable().SetRates(learningRates);
    }

    /// <summary>One step of SGD on the n images that begin at position first of the epoch's order.</summary>
    /// <param name="images">The images of <see cref="BeginEpoch"/>.</param>
    /// <param name="step">The step within the epoch, 0-based: selects the learning rate.</param>
    /// <param name="first">First position in the epoch's order.</param>
    /// <param name="n">Images, 1..<see cref="NetworkOptions.BatchSize"/>.</param>
    public void TrainStep(DeviceImages images, int step, int first, int n)
    {
        RequireDevice();
        Trainable();
        CheckRange(images, first, n);
        profiler?.BeginStep(Mode.Training);
        device.Run(new(Mode.Training, images.Set, first, n, step), trainingPass);
        profiler?.EndStep();
    }

    /// <summary>One step of SGD on images of the caller's, already normalised.</summary>
    /// <param name="images">(n, 3, 32, 32) floats.</param>
    /// <param name="labels">n bytes, each below <see cref="ArchitectureSpec.Classes"/>.</param>
    /// <param name="learningRate">This step's learning rate.</param>
    public void TrainStep(ReadOnlySpan<float> images, ReadOnlySpan<byte> labels, double learningRate)
    {
        RequireDevice();
        var update = Trainable();
        profiler?.BeginStep(Mode.Training);
        update.SetRates([learningRate]);
        ForwardTraining(images, labels);
        Backward(labels.Length);
        update.Update(0);
        profiler?.EndStep();
    }

    /// <summary>The forward half of such a step alone: loss, logits and running statistics.</summary>
    internal void ForwardTraining(ReadOnlySpan<float> images, ReadOnlySpan<byte> labels)
    {
        RequireDevice();
        int n = labels.Length;
        CheckBatch(n);
        CheckLabelled(images.Length, labels);
        device.Upload(n, images, x);
        device.Upload(labels, this.labels);
        Forward(n, Mode.Training, this.labels);
    }

    /// <summary>The first part of a training step alone: the n images that begin at position first of the epoch's order, as the network's input.</summary>
    /// <param name="images">The images of <see cref="BeginEpoch"/>.</param>
    /// <param name="first">First position in the epoch's order.</param>
    /// <param name="n">Images, 1..<see cref="NetworkOptions.BatchSize"/>.</param>
    public void Augment(DeviceImages images, int first, int n)
    {
        RequireDevice();
        CheckRange(images, first, n);
        profiler?.BeginStep(Mode.Training);
        augment.Forward(images.Set, first, n, Mode.Training, x, labels);
        profiler?.EndStep();
    }

    /// <summary>Adds loss and hits of the n images that begin at first to the totals, with <see cref="NetworkOptions.InferenceStatistics"/>.</summary>
    /// <param name="images">Any set on this network's device.</param>
    /// <param name="first">The first image, in the set's own order.</param>
    /// <param name="n">Images.</param>
    public void Evaluate(DeviceImages images, int first, int n) => Evaluate(images, first, n, []);

    /// <summary>The same, and hands out the logits that the totals were counted from.</summary>
    /// <param name="images">Any set on this network's device.</param>
    /// <param name="first">The first image, in the set's own order.</param>
    /// <param name="n">Images.</param>
    /// <param name="logits">(n, classes) floats, or empty where they are not wanted.</param>
    public void Evaluate(DeviceImages images, int first, int n, Span<float> logits)
    {
        RequireDevice();
        CheckRange(images, first, n);
        if (!logits.IsEmpty && logits.Length != n * Architecture.Classes)
            throw new InvalidSettingException($"{logits.Length} logits are not {Architecture.Classes} for each of {n} images");
        profiler?.BeginStep(Mode.Inference);
        for (int done = 0, some; done < n; done += some)
        {
            some = Math.Min(InferenceBatch, n - done);
            device.Run(new(inferenceMode, images.Set, first + done, some, Step: 0), inferencePass);
            if (!logits.IsEmpty) head.ReadLogits(some, logits.Slice(done * Architecture.Classes, some * Architecture.Classes));
        }
        profiler?.EndStep();
    }

    /// <summary>Logits of images of the caller's, already normalised, with <see cref="NetworkOptions.InferenceStatistics"/>.</summary>
    /// <param name="images">(n, 3, 32, 32) floats.</param>
    /// <param name="logits">(n, classes) floats.</param>
    public void Infer(ReadOnlySpan<float> images, Span<float> logits)
    {
        RequireDevice();
        int n = images.Length / Architecture.Input.Size;
        CheckBatch(n);
        if (images.Length != n * Architecture.Input.Size || logits.Length != n * Architecture.Classes)
            throw new InvalidSettingException($"{images.Length} values are not whole images of {Architecture.Input.Size}, or {logits.Length} logits are not {Architecture.Classes} for each");
        profiler?.BeginStep(Mode.Inference);
        for (int done = 0, some; done < n; done += some)
        {
            some = Math.Min(InferenceBatch, n - done);
            device.Upload(some, images.Slice(done * Architecture.Input.Size, some * Architecture.Input.Size), x);
            Forward(some, inferenceMode, null);
            head.ReadLogits(some, logits.Slice(done * Architecture.Classes, some * Architecture.Classes));
        }
        profiler?.EndStep();
    }

    /// <summary>Starts loss and hits again at zero.</summary>
    public void ResetTotals()
    {
        RequireDevice();
        head.SetTotals(default);
    }

    /// <summary>Goes on from totals read earlier; the sums are then the same, bit for bit, as if nothing had come between.</summary>
    public void RestoreTotals(Totals totals)
    {
        RequireDevice();
        head.SetTotals(totals);
    }

    /// <summary>Loss and hits since the last reset; waits for the device where it has to.</summary>
    public Totals ReadTotals()
    {
        RequireDevice();
        return head.ReadTotals();
    }

    /// <summary>
    /// Asks for loss and hits after the steps given so far, without waiting for the device; at most <see cref="PendingTotals.MostOpen"/>
    /// requests may be open at a time.
    /// </summary>
    public PendingTotals RequestTotals()
    {
        RequireDevice();
        return head.RequestTotals();
    }

    /// <summary>
    /// The first update after which a parameter or a running statistic was not finite, else null. On a device that runs behind the host, as far as it
    /// had come with the totals that were read last.
    /// </summary>
    public NonFiniteUpdate? FirstNonFinite => sgd?.FirstNonFinite;

    // ---- Ops and where the time goes ----

    /// <summary>The ops of a step in forward order: of a training step, or of an inference pass where the network is built for inference only.</summary>
    public IReadOnlyList<OpWork> Ops() => [.. OpList.Of([.. Units], head.Spec, Architecture.ParameterCount, Options.Training)];

    /// <summary>
    /// What the ops have taken since construction or <see cref="ResetProfile"/>: within training steps, or within inference passes where
    /// the network is built for inference only. The first steps compile the code they run.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="NetworkOptions.Profile"/> is false.</exception>
    public ProfileReport ReadProfile() => Profiled().Report(Ops());

    /// <summary>
    /// Floating-point operations a second that the device can reach at most, a multiply-add being two: measured now, in a third of a
    /// second, with the threads and the registers that its kernels use. Null where there is no such measure.
    /// </summary>
    public double? MeasurePeak()
    {
        RequireDevice();
        return device.MeasurePeak();
    }

    /// <summary>Starts the profile again at zero.</summary>
    /// <exception cref="InvalidOperationException"><see cref="NetworkOptions.Profile"/> is false.</exception>
    public void ResetProfile() => Profiled().Reset();

    private Profiler Profiled() => Options.Profile ? profiler! : throw new InvalidOperationException("this network is not profiled (NetworkOptions.Profile is false)");

    private static IProfilerSwitch? SwitchOf(IDevice device, NetworkOptions options)
    {
        if (options.CudaProfilerRange is not { } range) return null;
        return device as IProfilerSwitch ?? throw new InvalidSettingException($"cuda-profiler-range {range} needs the cuda device; this one is {device.Description}");
    }

    /// <summary>The step and its ops; an inference pass runs through the network in parts.</summary>
    private int RangesPerStep()
    {
        int part = Math.Min(Options.BatchSize, InferenceBatch), parts = Options.Training ? 1 : (Options.BatchSize + part - 1) / part;
        return 1 + parts * Ops().Count;
    }

    /// <summary>Frees the device; once more does nothing. Not while another thread uses the network.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        device.Dispose();
    }

    /// <summary>Images of an inference pass at most: a batch whose own statistics count is not divided.</summary>
    private int InferenceBatch => inferenceMode == Mode.BatchInference ? Options.BatchSize : device.InferenceBatch;

    // Each way to the device begins here: behind a disposed one is memory that was freed.
    private void RequireDevice() => ObjectDisposedException.ThrowIf(disposed, this);

    private SgdUnit Trainable() => sgd ?? throw new InvalidOperationException("this network was built for inference only (NetworkOptions.Training is false)");

    private void CheckBatch(int n)
    {
        if (n < 1 || n > Options.BatchSize) throw new InvalidSettingException($"{n} images are not within 1..{Options.BatchSize}, the planned batch size");
    }

    private void CheckRange(DeviceImages images, int first, int n)
    {
        CheckBatch(n);
        if (first < 0 || first > images.Count - n) throw new InvalidSettingException($"images {first}..{(long)first + n - 1} are not within 0..{images.Count - 1}");
    }

    private void CheckLabelled(long values, ReadOnlySpan<byte> labels)
    {
        if (values != (long)labels.Length * Architecture.Input.Size)
            throw new InvalidSettingException($"{values} pixel values are not {labels.Length} images of {Architecture.Input.Size}");
        if (labels.ContainsAnyExceptInRange((byte)0, (byte)(Architecture.Classes - 1)))
            throw new InvalidSettingException($"a label is not within 0..{Architecture.Classes - 1}");
    }
}
