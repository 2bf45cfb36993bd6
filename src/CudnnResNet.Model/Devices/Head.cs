namespace CudnnResNet.Model.Devices;

/// <summary>The end of the network: global average pool, linear layer, softmax cross-entropy.</summary>
/// <param name="X">Shape of one input image (64, 8, 8).</param>
/// <param name="Classes">Classes K, the linear layer's outputs.</param>
internal sealed record HeadSpec(Shape X, int Classes)
{
    /// <summary>State-dict name of the linear layer.</summary>
    public const string Name = "fc";

    /// <summary>Weights of the linear layer: K x C.</summary>
    public int WeightCount => Classes * X.C;
}

/// <summary>The head of one device. Created by <see cref="IDevice.CreateHead"/>; owns w (K, C) and b (K), their gradients and velocities.</summary>
/// <remarks>
/// Formula: p = mean of x over H and W, logits = p w^T + b, loss = mean over the batch of -log softmax(logits)[label].
/// Deterministic; the loss is summed over images in order, in double.
/// </remarks>
internal abstract class HeadUnit(HeadSpec spec)
{
    /// <summary>What the head computes.</summary>
    public HeadSpec Spec { get; } = spec;

    /// <summary>Computes the logits and, where labels are given, adds loss and hits to the totals.</summary>
    /// <param name="n">Images in x.</param>
    /// <param name="x">(n, C, H, W).</param>
    /// <param name="labels">Labels of the n images, or null.</param>
    /// <param name="mode">Training keeps what backward needs.</param>
    public abstract void Forward(int n, Activation x, Labels? labels, Mode mode);

    /// <summary>The gradients of the mean loss of the last training-mode forward pass: dw, db (overwritten) and dx.</summary>
    public abstract void Backward(int n, Gradient dx);

    /// <summary>Replaces the totals: by default(Totals) to start at zero, by earlier ones to go on with an epoch that was interrupted.</summary>
    public abstract void SetTotals(Totals totals);

    /// <summary>The totals since they were set; waits for the device where it has to.</summary>
    public abstract Totals ReadTotals();

    /// <summary>Asks for the totals as they are after the work given so far, without waiting; see <see cref="PendingTotals.MostOpen"/>.</summary>
    public abstract PendingTotals RequestTotals();

    /// <summary>The logits (n, K) of the last forward pass.</summary>
    public abstract void ReadLogits(int n, Span<float> logits);

    /// <summary>Copies <see cref="UnitTensor.W"/>, Bias, Dw, DBias, MomentumW, MomentumBias, Y (logits, (n, K)) or Dx to the host.</summary>
    public abstract void Download(UnitTensor tensor, Span<double> destination);

    /// <summary>Sets W, Bias, MomentumW or MomentumBias.</summary>
    public abstract void Upload(UnitTensor tensor, ReadOnlySpan<double> source);

    /// <summary>Elements of a tensor, for n images where it belongs to the batch.</summary>
    public int Count(UnitTensor tensor, int n) => tensor switch
    {
        UnitTensor.W or UnitTensor.Dw or UnitTensor.MomentumW => Spec.WeightCount,
        UnitTensor.Y => n * Spec.Classes,
        UnitTensor.Dx => n * Spec.X.Size,
        _ => Spec.Classes,
    };
}
