namespace CudnnResNet.Model.Devices;

/// <summary>The output of a unit, in the form that suits its device.</summary>
internal abstract class Activation(Shape shape)
{
    /// <summary>Shape of one image.</summary>
    public Shape Shape { get; } = shape;
}

/// <summary>The gradient of an <see cref="Activation"/>, in the form that suits its device.</summary>
internal abstract class Gradient(Shape shape)
{
    /// <summary>Shape of one image.</summary>
    public Shape Shape { get; } = shape;
}

/// <summary>The labels of a batch on a device.</summary>
internal abstract class Labels;

/// <summary>Everything a device has to know before it allocates: the units it will be asked for, and the largest batch.</summary>
/// <param name="ConvNorms">All conv-norm units, in forward order.</param>
/// <param name="Head">The head, or null where only units are wanted (conformance).</param>
/// <param name="BatchSize">The largest number of images in one pass.</param>
/// <param name="Training">False: no gradients, velocities or saved activations are allocated.</param>
/// <param name="Timed">Whether each unit's passes are timed by themselves: then every pass calls every unit, and a unit must be done when its call returns.</param>
internal sealed record NetworkPlan(IReadOnlyList<ConvNormSpec> ConvNorms, HeadSpec? Head, int BatchSize, bool Training, bool Timed = false)
{
    /// <summary>Smaller numbers of images that will come in one pass: the last batch of an epoch, or of an evaluation. Others may come too.</summary>
    public IReadOnlyList<int> OtherBatchSizes { get; init; } = [];

    /// <summary>Whether <see cref="Mode.BatchInference"/> will come.</summary>
    public bool BatchStatistics { get; init; }

    /// <summary>State-dict names and elements of the parameters, in the units' order: that of a parameter arena.</summary>
    public IReadOnlyList<(string Name, int Count)> Parameters =>
    [
        .. ConvNorms.SelectMany(unit => new[] { ($"{unit.Name}.weight", unit.WeightCount), ($"{unit.NormName}.weight", unit.Y.C), ($"{unit.NormName}.bias", unit.Y.C) }),
        .. Head is null ? [] : new[] { ($"{HeadSpec.Name}.weight", Head.WeightCount), ($"{HeadSpec.Name}.bias", Head.Classes) },
    ];

    /// <summary>State-dict names and elements of the running statistics, in the units' order: that of an arena of statistics.</summary>
    public IReadOnlyList<(string Name, int Count)> Statistics =>
        [.. ConvNorms.SelectMany(unit => new[] { ($"{unit.NormName}.running_mean", unit.Y.C), ($"{unit.NormName}.running_var", unit.Y.C) })];
}

/// <summary>
/// One network's device: allocates everything at construction and creation, nothing afterwards. Devices do not inherit from each
/// other: a missing unit is a compile error, never a silent slow path.
/// </summary>
internal interface IDevice : IDisposable
{
    /// <summary>Which device it is; never <see cref="DeviceKind.Auto"/>.</summary>
    DeviceKind Kind { get; }

    /// <summary>Whether it only stands in for hardware: its results count, its times do not.</summary>
    bool IsEmulated { get; }

    /// <summary>One line for people: what computes, with how many threads and which instructions.</summary>
    string Description { get; }

    /// <summary>
    /// Floating-point operations a second that the device can reach at most, a multiply-add being two: measured now, with the threads and
    /// the registers that its kernels use. Null where there is no such measure.
    /// </summary>
    double? MeasurePeak();

    /// <summary>
    /// Images that an inference pass takes through the whole network at a time, at most: on a cpu as many as keep their activations in the
    /// caches. The results do not depend on it, but for <see cref="Mode.BatchInference"/>, which takes whole batches.
    /// </summary>
    int InferenceBatch { get; }

    /// <summary>The algorithms that a library has chosen for this device; null where there is no such choice.</summary>
    AlgorithmChoice? Algorithms { get; }

    /// <summary>Copies images (N, 3, 32, 32 bytes, channel by channel) and labels (N bytes below 10) to the device.</summary>
    ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels);

    /// <summary>The network's input for up to the planned number of images.</summary>
    Activation CreateInput(Shape shape);

    /// <summary>Labels for up to the planned number of images.</summary>
    Labels CreateLabels();

    /// <summary>The output of a unit like this one.</summary>
    Activation CreateOutput(ConvNormSpec producer);

    /// <summary>A gradient that a unit writes as dx and the unit before it reads as dy.</summary>
    Gradient CreateGradient(Shape shape);

    /// <summary>A gradient that a unit with a shortcut writes as ds and the block's first unit reads as addend.</summary>
    Gradient CreateShortcutGradient(ConvNormSpec spec);

    /// <summary>Creates a unit of the plan; each exactly once, in the plan's order.</summary>
    ConvNormUnit CreateConvNorm(ConvNormSpec spec);

    /// <summary>Creates the plan's head, after the conv-norm units.</summary>
    HeadUnit CreateHead(HeadSpec spec);

    /// <summary>Creates the augmentation unit.</summary>
    AugmentUnit CreateAugment(AugmentSpec spec);

    /// <summary>Creates the update over all parameters of the units created before.</summary>
    SgdUnit CreateSgd(SgdSpec spec);

    /// <summary>Everything has been created: takes the memory for it, or refuses. Before the first work, once.</summary>
    /// <exception cref="DeviceMemoryException">There is not enough.</exception>
    void Allocate();

    /// <summary>
    /// Does a whole pass by calling <paramref name="body"/> with it. A device may record what the body gives to it and, in later passes of
    /// the same mode, set and number of images, repeat that without calling the body: whatever else differs between them has to come from
    /// its own memory. It never does so in a plan that is <see cref="NetworkPlan.Timed"/>.
    /// </summary>
    /// <param name="pass">What to do.</param>
    /// <param name="body">Runs the units; the same delegate for all passes of a mode, which makes nothing but calls of this device's units.</param>
    void Run(Pass pass, Action<Pass> body);

    /// <summary>Fills an input or an output from the host: n images as NCHW.</summary>
    void Upload(int n, ReadOnlySpan<float> source, Activation destination);

    /// <summary>Sets n labels from the host.</summary>
    void Upload(ReadOnlySpan<byte> source, Labels destination);

    /// <summary>Fills a gradient from the host: n images as NCHW. For conformance.</summary>
    void Upload(int n, ReadOnlySpan<double> source, Gradient destination);
}
