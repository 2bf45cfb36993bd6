namespace CudnnResNet.Model.Devices.Reference;

/// <summary>The head, written as its formulas.</summary>
internal sealed class ReferenceHead(HeadSpec spec, int batchSize, bool training) : HeadUnit(spec)
{

    private readonly double[] pooled = new double[batchSize * spec.X.C];            // (N, C)
    private readonly double[] logits = new double[batchSize * spec.Classes];        // (N, K)
    private readonly double[] probabilities = new double[batchSize * spec.Classes]; // (N, K)
    private readonly byte[] lastLabels = new byte[batchSize];                       // (N)

    private int lastN;
    private bool trained;
    private ReferenceGradient? lastDx;
    private long images, correct;
    private double lossSum;

    public Parameter W { get; } = new(spec.WeightCount, training);    // (K, C)

    public Parameter Bias { get; } = new(spec.Classes, training);     // (K)

    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        lastN = n;
        trained = mode == Mode.Training && labels is not null;
        lastDx = null;
        for (int image = 0; image < n; image++)
        {
            for (int c = 0; c < Spec.X.C; c++) pooled[image * Spec.X.C + c] = Mean(((ReferenceActivation)x).Values.AsSpan((image * Spec.X.C + c) * Spec.X.Plane, Spec.X.Plane));
            for (int j = 0; j < Spec.Classes; j++)
            {
                double sum = Bias.Values[j];
                for (int c = 0; c < Spec.X.C; c++) sum += W.Values[j * Spec.X.C + c] * pooled[image * Spec.X.C + c];
                logits[image * Spec.Classes + j] = sum;
            }
            if (labels is null) continue;
            lastLabels[image] = ((ReferenceLabels)labels).Values[image];
            var (loss, hit) = SoftmaxCrossEntropy.Forward(logits.AsSpan(image * Spec.Classes, Spec.Classes), lastLabels[image], probabilities.AsSpan(image * Spec.Classes, Spec.Classes));
            images++;
            lossSum += loss;
            if (hit) correct++;
        }
    }

    /// <summary>dlogits = (softmax - onehot) / N; dw = dlogits^T p, db = sum dlogits, dx = dlogits w / (H W) for every pixel.</summary>
    public override void Backward(int n, Gradient dx)
    {
        if (!trained || !training || n != lastN) throw new InvalidOperationException($"head: backward of {n} images needs their forward pass in training mode, with labels, first");
        lastDx = (ReferenceGradient)dx;
        Array.Clear(W.Gradient);
        Array.Clear(Bias.Gradient);
        for (int image = 0; image < n; image++)
        {
            var dlogits = new double[Spec.Classes];
            SoftmaxCrossEntropy.Backward(probabilities.AsSpan(image * Spec.Classes, Spec.Classes), lastLabels[image], n, dlogits);
            for (int j = 0; j < Spec.Classes; j++)
            {
                Bias.Gradient[j] += dlogits[j];
                for (int c = 0; c < Spec.X.C; c++) W.Gradient[j * Spec.X.C + c] += dlogits[j] * pooled[image * Spec.X.C + c];
            }
            for (int c = 0; c < Spec.X.C; c++)
            {
                double dpooled = 0;
                for (int j = 0; j < Spec.Classes; j++) dpooled += dlogits[j] * W.Values[j * Spec.X.C + c];
                lastDx.Values.AsSpan((image * Spec.X.C + c) * Spec.X.Plane, Spec.X.Plane).Fill(dpooled / Spec.X.Plane);
            }
        }
    }

    public override void SetTotals(Totals totals) => (images, lossSum, correct) = (totals.Images, totals.LossSum, totals.Correct);

    public override Totals ReadTotals() => new(images, lossSum, correct);

    public override PendingTotals RequestTotals() => PendingTotals.Known(ReadTotals());

    public override void ReadLogits(int n, Span<float> logits)
    {
        for (int i = 0; i < n * Spec.Classes; i++) logits[i] = (float)this.logits[i];
    }

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        double[] source = Find(tensor) ?? throw new InvalidOperationException($"head: {tensor} is not stored");
        source.AsSpan(0, Count(tensor, lastN)).CopyTo(destination);
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source)
    {
        double[] target = tensor switch
        {
            UnitTensor.W or UnitTensor.Bias or UnitTensor.MomentumW or UnitTensor.MomentumBias => Find(tensor)!,
            _ => throw new InvalidOperationException($"head: {tensor} is computed, not set"),
        };
        source[..target.Length].CopyTo(target);
    }

    private double[]? Find(UnitTensor tensor) => tensor switch
    {
        UnitTensor.W => W.Values,
        UnitTensor.Bias => Bias.Values,
        UnitTensor.Dw => W.Gradient,
        UnitTensor.DBias => Bias.Gradient,
        UnitTensor.MomentumW => W.Velocity,
        UnitTensor.MomentumBias => Bias.Velocity,
        UnitTensor.Y => logits,
        UnitTensor.Dx => lastDx?.Values,
        _ => null,
    };

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }
}
