namespace CudnnResNet.Model.Devices.Reference;

/// <summary>The conv-norm unit, written as its formulas.</summary>
internal sealed class ReferenceConvNorm(ConvNormSpec spec, bool training, double[] zStorage, double[] dzStorage) : ConvNormUnit(spec)
{
    private readonly double[] z = zStorage;                             // (N, K, H, W)
    private readonly double[] dz = dzStorage;                           // (N, K, H, W), shared by all units
    private readonly double[] batchMean = new double[spec.Y.C];         // (K)
    private readonly double[] batchInverseStd = new double[spec.Y.C];   // (K)

    private int lastN;
    private bool trained, ofBatch, ranBackward;
    private ReferenceActivation? lastX, lastS, lastY;
    private ReferenceGradient? lastDx, lastDs;

    public Parameter W { get; } = new(spec.WeightCount, training);     // (K, C, 3, 3)

    public Parameter Scale { get; } = new(spec.Y.C, training);         // (K)

    public Parameter Bias { get; } = new(spec.Y.C, training);          // (K)

    public double[] RunningMean { get; } = new double[spec.Y.C];       // (K)

    public double[] RunningVariance { get; } = new double[spec.Y.C];   // (K)

    public override string Kernel => "double loops";

    public override long ExecutedMultiplyAdds(Direction direction) => Spec.MultiplyAdds(direction);

    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        lastN = n;
        lastX = (ReferenceActivation)x;
        lastS = (ReferenceActivation?)s;
        lastY = (ReferenceActivation)y;
        trained = mode == Mode.Training;
        ofBatch = mode != Mode.Inference;
        ranBackward = false;

        Convolution.Forward(Spec, n, lastX.Values, W.Values, z);
        Parallel.For(0, Spec.Y.C, k =>
        {
            if (ofBatch) BatchStatistics(n, k);
            for (int image = 0; image < n; image++)
            {
                var yPlane = Plane(lastY.Values, image, k);
                PreActivation(image, k, yPlane);
                Join.Relu(yPlane);
            }
        });
    }

    /// <summary>bn(z) + shortcut(s) of the last forward pass, (n, K, H, W): what its ReLU was applied to. x and s must still be there.</summary>
    public double[] PreActivation()
    {
        var values = new double[lastN * Spec.Y.Size];
        for (int image = 0; image < lastN; image++)
            for (int k = 0; k < Spec.Y.C; k++) PreActivation(image, k, Plane(values, image, k));
        return values;
    }

    private void PreActivation(int image, int k, Span<double> plane)
    {
        double mean = ofBatch ? batchMean[k] : RunningMean[k];
        double inverseStd = ofBatch ? batchInverseStd[k] : 1 / Math.Sqrt(RunningVariance[k] + ConvNormSpec.Epsilon);
        var zPlane = Plane(z, image, k);
        for (int i = 0; i < plane.Length; i++) plane[i] = Scale.Values[k] * (zPlane[i] - mean) * inverseStd + Bias.Values[k];
        Join.AddShortcut(Spec, image, k, lastS?.Values, plane);
    }

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        if (!trained || !training || n != lastN) throw new InvalidOperationException($"{Spec.Name}: backward of {n} images needs their forward pass in training mode first");
        lastDx = (ReferenceGradient?)dx;
        lastDs = (ReferenceGradient?)ds;
        ranBackward = true;

        if (lastDs is not null) Array.Clear(lastDs.Values, 0, n * Spec.S.Size);
        Parallel.For(0, Spec.Y.C, k =>
        {
            // dz first holds g, the gradient of bn(z) + shortcut(s).
            for (int image = 0; image < n; image++)
            {
                var gPlane = Plane(dz, image, k);
                Join.ReluBackward(Plane(lastY!.Values, image, k), Plane(((ReferenceGradient)dy).Values, image, k), gPlane);
                Join.ShortcutBackward(Spec, image, k, gPlane, lastDs?.Values);
            }
            BatchNormBackward(n, k);
        });
        Convolution.BackwardFilter(Spec, n, dz, lastX!.Values, W.Gradient);
        if (lastDx is not null) Convolution.BackwardData(Spec, n, dz, W.Values, ((ReferenceGradient?)addend)?.Values, lastDx.Values);
    }

    /// <summary>The batch's mean and variance of channel k and, in training, the running statistics.</summary>
    private void BatchStatistics(int n, int k)
    {
        double count = (double)n * Spec.Y.Plane, sum = 0, squares = 0;
        for (int image = 0; image < n; image++)
            foreach (double value in Plane(z, image, k)) sum += value;
        double mean = sum / count;
        for (int image = 0; image < n; image++)
            foreach (double value in Plane(z, image, k)) squares += (value - mean) * (value - mean);

        batchMean[k] = mean;
        batchInverseStd[k] = 1 / Math.Sqrt(squares / count + ConvNormSpec.Epsilon);
        if (!trained) return;
        double unbiased = squares / Math.Max(count - 1, 1);
        RunningMean[k] = (1 - ConvNormSpec.Momentum) * RunningMean[k] + ConvNormSpec.Momentum * mean;
        RunningVariance[k] = (1 - ConvNormSpec.Momentum) * RunningVariance[k] + ConvNormSpec.Momentum * unbiased;
    }

    /// <summary>
    /// With zhat = (z - mean) / std: dbias = sum g, dscale = sum g zhat, dz = scale / std (g - dbias / m - zhat dscale / m), m = N H W.
    /// </summary>
    private void BatchNormBackward(int n, int k)
    {
        double mean = batchMean[k], inverseStd = batchInverseStd[k], dbias = 0, dscale = 0;
        for (int image = 0; image < n; image++)
        {
            var zPlane = Plane(z, image, k);
            var gPlane = Plane(dz, image, k);
            for (int i = 0; i < gPlane.Length; i++)
            {
                dbias += gPlane[i];
                dscale += gPlane[i] * (zPlane[i] - mean) * inverseStd;
            }
        }
        Bias.Gradient[k] = dbias;
        Scale.Gradient[k] = dscale;

        double m = (double)n * Spec.Y.Plane;
        for (int image = 0; image < n; image++)
        {
            var zPlane = Plane(z, image, k);
            var gPlane = Plane(dz, image, k);
            for (int i = 0; i < gPlane.Length; i++)
            {
                double zhat = (zPlane[i] - mean) * inverseStd;
                gPlane[i] = Scale.Values[k] * inverseStd * (gPlane[i] - dbias / m - zhat * dscale / m);
            }
        }
    }

    private Span<double> Plane(double[] values, int image, int k) => values.AsSpan((image * Spec.Y.C + k) * Spec.Y.Plane, Spec.Y.Plane);

    public override bool Stores(UnitTensor tensor) => Find(tensor) is { Length: > 0 };

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        if (!Stores(tensor)) throw new InvalidOperationException($"{Spec.Name}: {tensor} is not stored");
        Find(tensor).AsSpan(0, Count(tensor, lastN)).CopyTo(destination);
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source)
    {
        double[] target = tensor switch
        {
            UnitTensor.W or UnitTensor.Scale or UnitTensor.Bias or UnitTensor.RunningMean or UnitTensor.RunningVariance or
            UnitTensor.MomentumW or UnitTensor.MomentumScale or UnitTensor.MomentumBias => Find(tensor)!,
            _ => throw new InvalidOperationException($"{Spec.Name}: {tensor} is computed, not set"),
        };
        source[..target.Length].CopyTo(target);
    }

    private double[]? Find(UnitTensor tensor) => tensor switch
    {
        UnitTensor.W => W.Values,
        UnitTensor.Scale => Scale.Values,
        UnitTensor.Bias => Bias.Values,
        UnitTensor.RunningMean => RunningMean,
        UnitTensor.RunningVariance => RunningVariance,
        UnitTensor.MomentumW => W.Velocity,
        UnitTensor.MomentumScale => Scale.Velocity,
        UnitTensor.MomentumBias => Bias.Velocity,
        UnitTensor.Dw => W.Gradient,
        UnitTensor.DScale => Scale.Gradient,
        UnitTensor.DBias => Bias.Gradient,
        UnitTensor.BatchMean => trained ? batchMean : null,
        UnitTensor.BatchInverseStd => trained ? batchInverseStd : null,
        UnitTensor.Z => lastN > 0 ? z : null,
        UnitTensor.Y => lastY?.Values,
        UnitTensor.Dz => ranBackward ? dz : null,
        UnitTensor.Dx => ranBackward ? lastDx?.Values : null,
        UnitTensor.Ds => ranBackward ? lastDs?.Values : null,
        _ => null,
    };
}
