namespace CudnnResNet.Model.Devices;

/// <summary>What a conv-norm unit adds before its ReLU.</summary>
internal enum ShortcutKind
{
    /// <summary>Nothing: plain networks, and the first layer of a block.</summary>
    None,

    /// <summary>The block's input as it is.</summary>
    Identity,

    /// <summary>Every second pixel of the block's input, zero channels appended.</summary>
    OptionATrailing,

    /// <summary>Every second pixel of the block's input, half of the zero channels before and half after.</summary>
    OptionACentred,

    /// <summary>
    /// Two of the four pixel phases of the block's input, and no zero channels: channel c of y gets s[c, 2h, 2w], which is option A's,
    /// channel C + c gets s[c, 2h + 1, 2w + 1].
    /// </summary>
    /// <remarks>
    /// A reshape that keeps every value of (C, 2H, 2W) has 4 C channels of (H, W), and y has 2 C of them. The two phases on the diagonal
    /// treat rows and columns alike, and each row and each column of s is read once.
    /// </remarks>
    Reshape,
}

/// <summary>
/// One weighted layer of the paper's figure 3: z = conv(x, w), y = relu(bn(z) + shortcut(s)).
/// </summary>
/// <param name="Name">State-dict name of the convolution: <c>layer1.0.conv1</c>.</param>
/// <param name="NormName">State-dict name of the batch norm: <c>layer1.0.bn1</c>.</param>
/// <param name="X">Shape of one input image (C, H, W).</param>
/// <param name="Y">Shape of one output image (K, ceil(H / stride), ceil(W / stride)).</param>
/// <param name="Stride">1 or 2, in both directions; the kernel is 3x3 with padding 1.</param>
internal sealed record ConvNormSpec(string Name, string NormName, Shape X, Shape Y, int Stride)
{
    /// <summary>Batch norm's momentum and epsilon (PyTorch's defaults, which the reference project uses).</summary>
    public const double Momentum = 0.1, Epsilon = 1e-5;

    /// <summary>What is added before the ReLU.</summary>
    public ShortcutKind Shortcut { get; init; }

    /// <summary>False for the network's first unit: nothing needs the gradient of the images.</summary>
    public bool NeedsDx { get; init; } = true;

    /// <summary>Elements of w (K, C, 3, 3).</summary>
    public int WeightCount => Y.C * X.C * 9;

    /// <summary>
    /// Multiply-adds of one image as direct convolution counts them: z forward; dw and, where it is needed, dx backward.
    /// </summary>
    public long MultiplyAdds(Direction direction) =>
        (direction == Direction.Backward && NeedsDx ? 2L : 1L) * WeightCount * Y.Plane;

    /// <summary>Whether the shortcut halves the image and doubles the channels: option A and reshape.</summary>
    public bool Downsamples => Shortcut is not (ShortcutKind.None or ShortcutKind.Identity);

    /// <summary>Shape of the shortcut's source s: Y for an identity, (K/2, 2H, 2W) of Y where it downsamples.</summary>
    public Shape S => Shortcut switch
    {
        ShortcutKind.None => default,
        ShortcutKind.Identity => Y,
        _ => new(Y.C / 2, Y.H * 2, Y.W * 2),
    };

    /// <summary>The first channel of y that a shortcut which downsamples adds to.</summary>
    public int ShortcutOffset => Shortcut == ShortcutKind.OptionACentred ? Y.C / 4 : 0;

    /// <summary>
    /// How many of the four pixel phases of s are added, one behind the other: channel ShortcutOffset + p S.C + c of y gets
    /// s[c, 2h + p, 2w + p] for p below this number.
    /// </summary>
    public int ShortcutPhases => Shortcut == ShortcutKind.Reshape ? 2 : 1;
}

/// <summary>The tensors of a conv-norm unit that can be read or written from the host, always as logical NCHW.</summary>
internal enum UnitTensor
{
    /// <summary>Weights of the convolution (K, C, 3, 3) or of the linear layer (10, C).</summary>
    W,
    /// <summary>Scale (gamma) of the batch norm (K).</summary>
    Scale,
    /// <summary>Bias (beta) of the batch norm (K), or of the linear layer (10).</summary>
    Bias,
    /// <summary>Running mean (K).</summary>
    RunningMean,
    /// <summary>Running variance, unbiased (K).</summary>
    RunningVariance,
    /// <summary>SGD's velocity of <see cref="W"/>.</summary>
    MomentumW,
    /// <summary>SGD's velocity of <see cref="Scale"/>.</summary>
    MomentumScale,
    /// <summary>SGD's velocity of <see cref="Bias"/>.</summary>
    MomentumBias,
    /// <summary>Gradient of <see cref="W"/>.</summary>
    Dw,
    /// <summary>Gradient of <see cref="Scale"/>.</summary>
    DScale,
    /// <summary>Gradient of <see cref="Bias"/>.</summary>
    DBias,
    /// <summary>The batch's mean (K), of the last training-mode forward pass.</summary>
    BatchMean,
    /// <summary>1 / sqrt(variance + epsilon) of the batch (K), biased variance.</summary>
    BatchInverseStd,
    /// <summary>Output of the convolution (N, K, H, W); "not stored" on devices that fold it away in inference.</summary>
    Z,
    /// <summary>Output of the unit (N, K, H, W), or the logits (N, 10) of the head.</summary>
    Y,
    /// <summary>Gradient of z (N, K, H, W); not stored on the cpu device.</summary>
    Dz,
    /// <summary>
    /// Gradient of the unit's input (N, C, H, W), the addend included. Where x is 0 and came out of a ReLU, a device may
    /// give 0 instead: it does not pass that ReLU.
    /// </summary>
    Dx,
    /// <summary>Gradient of the shortcut's source (N, C, H, W).</summary>
    Ds,
}

/// <summary>Which statistics batch norm uses, and what a pass leaves behind.</summary>
internal enum Mode
{
    /// <summary>Batch statistics; the running statistics are updated; what backward needs is kept.</summary>
    Training,

    /// <summary>Running statistics, unchanged; nothing is kept.</summary>
    Inference,

    /// <summary>
    /// Batch statistics as in training, but the running ones stay as they are and nothing is kept: an evaluation without running
    /// statistics. What an image gives depends on the batch it is in. <see cref="NetworkPlan.BatchStatistics"/> or training must be planned.
    /// </summary>
    BatchInference,
}

/// <summary>
/// The conv-norm unit of one device. Created by <see cref="IDevice.CreateConvNorm"/>; owns w, scale, bias, the running statistics,
/// their gradients and velocities (slices of the device's arenas), and whatever it saves between forward and backward.
/// </summary>
/// <remarks>
/// Formula: z = conv(x, w), mu and var over (N, H, W) of z, y = relu(scale (z - mu) / sqrt(var + 1e-5) + bias + shortcut(s)).
/// Running statistics r = 0.9 r + 0.1 b with b the batch's mean and unbiased variance (PyTorch's momentum 0.1).
/// Of a single value (N H W = 1) the unbiased variance counts as 0.
/// ReLU propagates NaN: x &lt; 0 ? 0 : x; its gradient likewise: y &lt;= 0 ? 0 : dy, as in libtorch.
/// Gradients, of parameters and of activations, are overwritten, never accumulated.
/// Parameter order everywhere: what is read, then options, then what is written.
/// Deterministic: the same bytes on every run and for every number of threads.
/// Paper: He et al. 2015, equation 1, figure 2, section 4.2.
/// </remarks>
internal abstract class ConvNormUnit(ConvNormSpec spec)
{
    /// <summary>What the unit computes.</summary>
    public ConvNormSpec Spec { get; } = spec;

    /// <summary>What computes the convolution, for people: <c>direct</c>, <c>Winograd F(4x4, 3x3)</c>.</summary>
    public abstract string Kernel { get; }

    /// <summary>
    /// Multiply-adds that the kernel executes for one image, transforms, batch norm and shortcut left out. Winograd's are fewer than
    /// <see cref="ConvNormSpec.MultiplyAdds"/>.
    /// </summary>
    public abstract long ExecutedMultiplyAdds(Direction direction);

    /// <summary>y = relu(bn(conv(x, w)) + shortcut(s)) for n images.</summary>
    /// <param name="n">Images in x, 1 up to the planned batch size.</param>
    /// <param name="x">(n, C, H, W); must keep its content until <see cref="Backward"/> in training mode.</param>
    /// <param name="s">The shortcut's source, null where <see cref="ConvNormSpec.Shortcut"/> is None; kept likewise.</param>
    /// <param name="mode">Which statistics, and whether for training.</param>
    /// <param name="y">(n, K, H, W), not x and not s.</param>
    public abstract void Forward(int n, Activation x, Activation? s, Mode mode, Activation y);

    /// <summary>The gradients of the forward pass in training mode that came last.</summary>
    /// <param name="n">Images, as in that forward pass.</param>
    /// <param name="dy">(n, K, H, W), the gradient of y; the device may overwrite it.</param>
    /// <param name="addend">(n, C, H, W) or null: added to dx. It is the ds of the same block's second unit.</param>
    /// <param name="dx">(n, C, H, W), the gradient of x; null where <see cref="ConvNormSpec.NeedsDx"/> is false. Neither dy nor addend.</param>
    /// <param name="ds">The gradient of s, from <see cref="IDevice.CreateShortcutGradient"/>; null without a shortcut. It may share memory
    /// with dy, which therefore must stay untouched until ds has been used.</param>
    public abstract void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds);

    /// <summary>Whether <see cref="Download"/> can give this tensor now.</summary>
    public abstract bool Stores(UnitTensor tensor);

    /// <summary>
    /// Copies a tensor to the host as NCHW. Activations and gradients are those of the last pass and valid until the next unit runs;
    /// the activation tensors hold the n images of that pass.
    /// </summary>
    /// <exception cref="InvalidOperationException">The device does not store it.</exception>
    public abstract void Download(UnitTensor tensor, Span<double> destination);

    /// <summary>Sets w, scale, bias, a running statistic or a velocity.</summary>
    public abstract void Upload(UnitTensor tensor, ReadOnlySpan<double> source);

    /// <summary>Elements of a tensor, for n images where it belongs to the batch.</summary>
    public int Count(UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.W or UnitTensor.Dw or UnitTensor.MomentumW => Spec.WeightCount,
        UnitTensor.Y or UnitTensor.Z or UnitTensor.Dz => n * Spec.Y.Size,
        UnitTensor.Dx => n * Spec.X.Size,
        UnitTensor.Ds => n * Spec.S.Size,
        _ => Spec.Y.C,
    };
}
