using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;

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
/// <param name="Tensor"><c>y</c> forward; <c>dx</c>, <c>dw</c>, <c>dscale</c> and <c>dbias</c> backward. Of the head y are the logits.</param>
/// <param name="Difference">How far apart they are.</param>
/// <param name="Tolerance">The largest relative L2 difference that passes.</param>
public sealed record TensorComparison(string Tensor, TensorDifference Difference, double Tolerance)
{
    /// <summary>The verdict; a NaN on one side only is a breach.</summary>
    public bool Passed => Difference.RelativeL2 <= Tolerance;
}

/// <summary>One layer: a conv-norm unit, or the head.</summary>
/// <param name="Layer">State-dict name: <c>layer1.0.conv1</c>; <c>fc</c> for the head.</param>
/// <param name="Output">Shape of y for one image.</param>
/// <param name="Kinks">Elements of y where one side rounds to 0 and the other to just above it; see <see cref="LayerComparison"/>.</param>
/// <param name="Tensors">y, dx (not of the first layer), dw, dscale (not of the head), dbias.</param>
public sealed record LayerComparisonRow(string Layer, Shape Output, int Kinks, IReadOnlyList<TensorComparison> Tensors)
{
    /// <summary>True where every tensor passed.</summary>
    public bool Passed => Tensors.All(tensor => tensor.Passed);

    /// <summary>The comparison of one tensor, null where the layer has none of this name.</summary>
    public TensorComparison? Find(string tensor) => Tensors.FirstOrDefault(comparison => comparison.Tensor == tensor);
}

/// <summary>
/// One training-mode forward and backward pass of the same weights and images on a device and on Reference, layer by layer.
/// Both passes run freely: a layer's figures contain what the layers before it have added.
/// </summary>
/// <remarks>
/// Two things about ReLU, so that gradients can be held to a tight tolerance. Where a value within rounding of 0 comes out as 0 on one
/// side and as just above 0 on the other, the reference side goes on with the device's value, and the row counts it: both are right,
/// but a dozen such elements put 3 % into gradients that agree to 1e-6 otherwise. Only values nearer to each other than
/// <see cref="KinkBand"/> root mean squares of y are treated so; a wrong mask cannot hide here, its y would be wrong too.
/// And dx is compared where x is above 0: the rest never passes the ReLU before it, and a device may leave it out or not.
/// </remarks>
public sealed class LayerComparison
{
    /// <summary>
    /// Largest relative L2 difference of y. Float devices with direct convolution come to 2e-6 after 31 layers, Winograd F(4x4) to some
    /// 1e-5; a wrong tap, border, channel or statistic is above 1e-2.
    /// </summary>
    public const double ForwardTolerance = 5e-5;

    /// <summary>Largest relative L2 difference of a gradient: it has gone through twice as many layers, and its sums cancel more.</summary>
    public const double GradientTolerance = 2e-4;

    /// <summary>How near to each other, in root mean squares of y, the two sides of a kink have to be.</summary>
    public const double KinkBand = 10 * ForwardTolerance;

    private LayerComparison(string description, double deviceLoss, double referenceLoss, IReadOnlyList<LayerComparisonRow> rows, IReadOnlyList<NamedTensor> tensors)
    {
        DeviceDescription = description;
        DeviceLoss = deviceLoss;
        ReferenceLoss = referenceLoss;
        Rows = rows;
        Tensors = tensors;
    }

    /// <summary>What computed the device's side.</summary>
    public string DeviceDescription { get; }

    /// <summary>Mean loss on the device.</summary>
    public double DeviceLoss { get; }

    /// <summary>Mean loss on Reference.</summary>
    public double ReferenceLoss { get; }

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
        var (description, deviceLoss) = Pass(open, device);
        var comparer = new UnitComparer(device, options.KeepTensors);
        var (_, referenceLoss) = Pass(plan => new Devices.Reference.ReferenceDevice(plan), comparer);
        return new(description, deviceLoss, referenceLoss, comparer.Rows(), comparer.Kept);

        (string Description, double Loss) Pass(Func<NetworkPlan, IDevice> open, IUnitListener listener)
        {
            using var network = new ResNet(options.Architecture, networkOptions, plan => new RecordingDevice(open(plan), listener));
            if (options.Weights is not null) network.Load(options.Weights);
            network.TrainStep(images, labels, learningRate: 0);
            return (network.DeviceDescription, network.ReadTotals().Loss);
        }
    }

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
        for (int i = 0; i < labels.Length; i++) labels[i] = (byte)Philox.Below(Philox.Draw(options.Seed, (uint)i, 1, RandomPurpose.Comparison).A, HeadSpec.Classes);
        return labels;
    }
}
