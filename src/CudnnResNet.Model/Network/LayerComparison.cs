using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model;

/// <summary>What <see cref="LayerComparison.Run(LayerComparisonOptions)"/> compares.</summary>
public sealed record LayerComparisonOptions
{
    /// <summary>The network.</summary>
    public ArchitectureSpec Architecture { get; init; } = new(CudnnResNet.Model.Architecture.ResNet, 32);

    /// <summary>The device that is compared with Reference.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>Images in the one batch.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Seed of the initial weights, and of images and labels where none are given.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Parameters and running statistics for both sides; null for the initial ones of the seed.</summary>
    public StateDict? Weights { get; init; }

    /// <summary>Normalised images (<see cref="BatchSize"/>, 3, 32, 32); null for noise of mean 0 and variance 1.</summary>
    public float[]? Images { get; init; }

    /// <summary>Their labels, 0..9; null for random ones.</summary>
    public byte[]? Labels { get; init; }

    /// <summary>Whether every compared tensor is kept in <see cref="LayerComparison.Tensors"/>.</summary>
    public bool KeepTensors { get; init; }
}

/// <summary>One tensor of one layer on the device, compared with Reference.</summary>
/// <param name="Tensor">
/// <c>y</c>, <c>running_mean</c> and <c>running_var</c> forward; <c>dx</c>, <c>dw</c>, <c>dscale</c>, <c>dbias</c> and <c>ds</c> (the
/// gradient of the shortcut's source) backward. Of the head y are the logits.
/// </param>
/// <param name="Difference">
/// How far apart they are, measured in root mean squares of the tensor. But a running mean is measured in root mean squares of the values
/// it is the mean of, and a batch norm's dbias in those of dscale and dbias together: both can cancel to almost nothing, their rounding
/// does not.
/// </param>
public sealed record TensorComparison(string Tensor, TensorDifference Difference)
{
    /// <summary>The verdict on every element of the tensor; a NaN on one side only is a breach.</summary>
    public bool Passed => Difference.MaxByRms <= LayerComparison.Tolerance;
}

/// <summary>One layer: a conv-norm unit, or the head.</summary>
/// <param name="Layer">State-dict name: <c>layer1.0.conv1</c>; <c>fc</c> for the head.</param>
/// <param name="Output">Shape of y for one image.</param>
/// <param name="Kinks">Elements that only one side's ReLU lets through; see <see cref="LayerComparison"/>.</param>
/// <param name="MostKinks">How many of them pass.</param>
/// <param name="Tensors">
/// y, running_mean and running_var (not of the head), dx (not of the first layer), dw, dscale (not of the head), dbias, ds (with a shortcut).
/// </param>
public sealed record LayerComparisonRow(string Layer, Shape Output, int Kinks, int MostKinks, IReadOnlyList<TensorComparison> Tensors)
{
    /// <summary>True where every tensor passed, and no more elements are at a kink than rounding explains.</summary>
    public bool Passed => Kinks <= MostKinks && Tensors.All(tensor => tensor.Passed);

    /// <summary>The comparison of one tensor, null where the layer has none of this name.</summary>
    public TensorComparison? Find(string tensor) => Tensors.FirstOrDefault(comparison => comparison.Tensor == tensor);
}

/// <summary>
/// One training-mode forward and backward pass of a device, layer by layer beside Reference's layer, which begins from the device's own
/// inputs: its x and shortcut forward, its dy and addend backward. So a layer's figures are its own rounding, whatever the network, and a
/// mistake shows in its layer alone. Loss and logits are compared as well with those of a Reference that has run freely from the images.
/// </summary>
/// <remarks>
/// Two things about ReLU, so that gradients can be held to a tight tolerance. Where a value within rounding of 0 comes out as 0 on one
/// side and as just above 0 on the other, both are right, but a dozen such elements put 3 % into gradients that agree to 1e-6 otherwise.
/// So the backward pass of Reference's layer masks with the device's y. What Reference's ReLU was applied to decides whether that is
/// right: it has to be within <see cref="Tolerance"/> of 0 (in root mean squares of y, as for any other element of y), and such elements
/// are counted and limited.
/// And dx is compared where x is above 0: the rest never passes the ReLU before it, and a device may leave it out or not.
/// </remarks>
public sealed class LayerComparison
{
    /// <summary>
    /// The largest error of any element that passes, in root mean squares of its tensor: twice the largest that was seen, 2.5e-5 in a
    /// trained network with Winograd F(4x4) and 128 images. Initial weights stay below 2e-5, 20 or 110 layers, with shortcuts or without.
    /// A wrong tap, border or channel is above 1e-2.
    /// </summary>
    public const double Tolerance = 5e-5;

    private LayerComparison(
        string description, double deviceLoss, double referenceLoss, TensorDifference logits, IReadOnlyList<LayerComparisonRow> rows, IReadOnlyList<NamedTensor> tensors)
    {
        DeviceDescription = description;
        DeviceLoss = deviceLoss;
        ReferenceLoss = referenceLoss;
        Logits = logits;
        Rows = rows;
        Tensors = tensors;
    }

    /// <summary>What computed the device's side.</summary>
    public string DeviceDescription { get; }

    /// <summary>Mean loss on the device.</summary>
    public double DeviceLoss { get; }

    /// <summary>Mean loss on Reference, which has run freely.</summary>
    public double ReferenceLoss { get; }

    /// <summary>
    /// The logits beside those of Reference that has run freely: the rounding of all layers, amplified by those behind them. Without a
    /// verdict, because that grows with the depth: untrained plain networks amplify most.
    /// </summary>
    public TensorDifference Logits { get; }

    /// <summary>The conv-norm units in forward order (depth - 1 of them), then the head.</summary>
    public IReadOnlyList<LayerComparisonRow> Rows { get; }

    /// <summary>
    /// With <see cref="LayerComparisonOptions.KeepTensors"/>, everything that was compared, as <c>device.layer1.0.conv1.dx</c> and
    /// <c>reference.layer1.0.conv1.dx</c>; else empty.
    /// </summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>True where every row passed.</summary>
    public bool Passed => Rows.All(row => row.Passed);

    /// <summary>Runs both sides and compares them.</summary>
    /// <exception cref="InvalidSettingException">An option is out of range, or images and labels do not fit the batch size.</exception>
    /// <exception cref="DeviceUnavailableException">The device is not usable on this machine.</exception>
    /// <exception cref="WeightsException">The weights are another network's.</exception>
    public static LayerComparison Run(LayerComparisonOptions options) => Run(options, plan => DeviceFactory.Open(options.Device, plan));

    internal static LayerComparison Run(LayerComparisonOptions options, Func<NetworkPlan, IDevice> open)
    {
        var networkOptions = new NetworkOptions { BatchSize = options.BatchSize, Seed = options.Seed, Device = options.Device };
        networkOptions.Check();
        float[] images = options.Images ?? Noise(options);
        byte[] labels = options.Labels ?? RandomLabels(options);
        if (labels.Length != options.BatchSize || images.Length != options.BatchSize * options.Architecture.Input.Size)
            throw new InvalidSettingException($"{images.Length} values and {labels.Length} labels are not a batch of {options.BatchSize} images");

        var device = new UnitRecorder();
        string description;
        double deviceLoss;
        using (var network = Create(plan => new RecordingDevice(open(plan), device)))
        {
            network.TrainStep(images, labels, learningRate: 0);
            (description, deviceLoss) = (network.DeviceDescription, network.ReadTotals().Loss);
        }

        var comparer = new UnitComparer(device, options.KeepTensors);
        using (var network = Create(plan => new RecordingDevice(new ReferenceDevice(plan), comparer))) network.TrainStep(images, labels, learningRate: 0);

        using var free = Create(plan => new ReferenceDevice(plan));
        free.ForwardTraining(images, labels);
        double[] logits = new double[labels.Length * options.Architecture.Classes];
        free.Head.Download(UnitTensor.Y, logits);
        return new(description, deviceLoss, free.ReadTotals().Loss, TensorDifference.Between(device[HeadSpec.Name, UnitTensor.Y], logits), comparer.Rows, comparer.Kept);

        ResNet Create(Func<NetworkPlan, IDevice> open)
        {
            var network = new ResNet(options.Architecture, networkOptions, open);
            if (options.Weights is not null) network.Load(options.Weights);
            return network;
        }
    }

    /// <summary>
    /// How many of so many elements may be at ReLU's kink: one in 100,000, and two more. Of normally distributed values that are rounded by
    /// a millionth of their deviation, one in three million is.
    /// </summary>
    internal static int MostKinks(int elements) => 2 + elements / 100_000;

    private static float[] Noise(LayerComparisonOptions options)
    {
        var images = new float[options.BatchSize * options.Architecture.Input.Size];
        for (int i = 0; i < images.Length; i++)
        {
            var (high, low, _, _) = Philox.Draw(options.Seed, (uint)i, 0, RandomPurpose.Comparison);
            images[i] = (float)(Math.Sqrt(12) * (Philox.Unit(high, low) - 0.5)); // uniform, mean 0, variance 1
        }
        return images;
    }

    private static byte[] RandomLabels(LayerComparisonOptions options)
    {
        var labels = new byte[options.BatchSize];
        for (int i = 0; i < labels.Length; i++) labels[i] = (byte)Philox.Below(Philox.Draw(options.Seed, (uint)i, 1, RandomPurpose.Comparison).A, options.Architecture.Classes);
        return labels;
    }
}
