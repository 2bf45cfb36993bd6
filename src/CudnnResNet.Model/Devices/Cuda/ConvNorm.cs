using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The conv-norm unit of the cuda device: cuDNN's convolution and batch norm and the kernels of the join, one after another.</summary>
/// <remarks>
/// Forward: z = conv(x, w); y = bn(z); y = relu(y + shortcut(s)) in place. Backward: g = dy relu'(y) in place, which is ds of an identity;
/// ds of a shortcut that downsamples; dz, dscale, dbias; dw; dx = conv(dz, w transposed), added to the addend in its own memory.
/// </remarks>
internal sealed class CudaConvNorm : ConvNormUnit
{
    private readonly CudaResources gpu;
    private readonly CudaParameter w, scale, bias;
    private readonly DeviceSlice runningMean, runningVariance;      // (K)
    private readonly DeviceSlice? batchMean, batchInverseStd;       // (K); only with training
    private readonly DeviceSlice? zeros, discarded;                 // (K), (2, K); only with training
    private readonly DeviceSlice z;                                 // (N, K, H, W); without training shared by all units
    private readonly List<ConvolutionPlan> plans;                   // the largest batch first

    // The last pass, for downloads and for the backward pass that belongs to it.
    private int lastN;
    private bool trained, ranBackward;
    private CudaActivation? lastX, lastY;
    private CudaGradient? lastDx, lastDs;

    public CudaConvNorm(CudaResources gpu, ConvNormSpec spec) : base(spec)
    {
        this.gpu = gpu;
        var memory = gpu.Memory;
        bool training = gpu.Plan.Training;
        int k = spec.Y.C;
        w = new(memory, $"{spec.Name}.weight", spec.WeightCount, training);
        scale = new(memory, $"{spec.NormName}.weight", k, training);
        bias = new(memory, $"{spec.NormName}.bias", k, training);
        runningMean = memory.Statistics.Reserve($"{spec.NormName}.running_mean", k * sizeof(float));
        runningVariance = memory.Statistics.Reserve($"{spec.NormName}.running_var", k * sizeof(float));
        z = gpu.Scratch;
        if (training)
        {
            z = memory.Activation($"{spec.Name} z", (long)gpu.Plan.BatchSize * spec.Y.Size);
            batchMean = memory.Activation($"{spec.NormName} mean", k);
            batchInverseStd = memory.Activation($"{spec.NormName} 1/std", k);
            zeros = memory.Activation($"{spec.NormName} zeros", k);
            discarded = memory.Activation($"{spec.NormName} discarded", 2 * k);
        }
        plans = [.. gpu.Convolutions.Of(spec)];
    }

    public override string Kernel => plans[0].Kernel;

    // cuDNN does not say what its algorithms execute.
    public override long ExecutedMultiplyAdds(Direction direction) => Spec.MultiplyAdds(direction);

    // ---- Forward ----

    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        (lastN, lastX, lastY, trained, ranBackward) = (n, (CudaActivation)x, (CudaActivation)y, mode == Mode.Training, false);
        using var scope = gpu.Begin();
        var plan = Plan(n);
        plan.Forward(lastX.Pointer, w.Value, gpu.Workspace, z.Pointer);
        DeviceTensor zs = new(plan.Z, z.Pointer), ys = new(plan.Z, lastY.Pointer);
        if (mode == Mode.Inference) gpu.Cudnn.BatchNormForwardInference(zs, plan.Channels, scale.Value, bias.Value, runningMean.Pointer, runningVariance.Pointer, ConvNormSpec.Epsilon, ys);
        else if (mode == Mode.BatchInference) gpu.Cudnn.BatchNormForwardTraining(zs, plan.Channels, scale.Value, bias.Value, ConvNormSpec.Epsilon, ConvNormSpec.Momentum, DevicePointer.Null, DevicePointer.Null, ys, DevicePointer.Null, DevicePointer.Null);
        else if (n * Spec.Y.Plane > 1) NormalizeBatch(plan, zs, runningMean.Pointer, runningVariance.Pointer, ys);
        else NormalizeSingleValue(plan, zs, ys);
        gpu.Join.Forward(gpu.Stream, n, Spec, lastY.Pointer, ((CudaActivation?)s)?.Pointer ?? DevicePointer.Null, lastY.Pointer);
        gpu.EndPass();
    }

    private void NormalizeBatch(ConvolutionPlan plan, DeviceTensor zs, DevicePointer mean, DevicePointer variance, DeviceTensor ys) =>
        gpu.Cudnn.BatchNormForwardTraining(
            zs, plan.Channels, scale.Value, bias.Value, ConvNormSpec.Epsilon, ConvNormSpec.Momentum, mean, variance, ys, batchMean!.Pointer, batchInverseStd!.Pointer);

    /// <summary>
    /// The unbiased variance of a single value is 0 here and 0 / 0 in cuDNN. So cuDNN updates values that nobody reads, and the running ones
    /// are r = 0.9 r + 0.1 b with the batch's mean and with 0.
    /// </summary>
    private void NormalizeSingleValue(ConvolutionPlan plan, DeviceTensor zs, DeviceTensor ys)
    {
        NormalizeBatch(plan, zs, discarded!.Pointer, discarded.Pointer + discarded.Bytes / 2, ys);
        Average(batchMean!.Pointer, runningMean.Pointer);
        Average(zeros!.Pointer, runningVariance.Pointer);

        void Average(DevicePointer batch, DevicePointer running) =>
            gpu.Cudnn.Add(new(plan.Channels, batch), new(plan.Channels, running), (float)ConvNormSpec.Momentum, (float)(1 - ConvNormSpec.Momentum));
    }

    // ---- Backward ----

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        if (!trained || n != lastN) throw new InvalidOperationException($"{Spec.Name}: backward of {n} images needs their forward pass in training mode first");
        var g = (CudaGradient)dy;
        (lastDx, lastDs, ranBackward) = ((CudaGradient?)dx, (CudaGradient?)ds, true);
        using var scope = gpu.Begin();
        var plan = Plan(n);
        gpu.Join.Backward(gpu.Stream, n, Spec, lastY!.Pointer, g.Pointer, g.Pointer);
        if (Spec.Shortcut == ShortcutKind.Identity) lastDs?.InMemoryOf(g);
        else if (lastDs is not null) gpu.Join.DownsampleBackward(gpu.Stream, n, Spec, g.Pointer, lastDs.InOwnMemory().Pointer);

        DevicePointer dz = gpu.Scratch.Pointer;
        gpu.Cudnn.BatchNormBackward(
            new(plan.Z, z.Pointer), new(plan.Z, g.Pointer), plan.Channels, scale.Value, batchMean!.Pointer, batchInverseStd!.Pointer, ConvNormSpec.Epsilon,
            new(plan.Z, dz), scale.Gradient, bias.Gradient);
        plan.BackwardFilter(lastX!.Pointer, dz, gpu.Workspace, w.Gradient);
        if (lastDx is not null)
        {
            DevicePointer target = (addend is null ? lastDx.InOwnMemory() : lastDx.InMemoryOf((CudaGradient)addend)).Pointer;
            plan.BackwardData(w.Value, dz, gpu.Workspace, target, beta: addend is null ? 0 : 1);
        }
        gpu.EndPass();
    }

    // ---- Host access ----

    public override bool Stores(UnitTensor tensor) => Find(tensor) is not null;

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        using var scope = gpu.Begin();
        var source = Find(tensor) ?? throw new InvalidOperationException($"{Spec.Name}: {tensor} is not stored");
        gpu.Read(source(), destination[..Count(tensor, lastN)]);
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source)
    {
        using var scope = gpu.Begin();
        DevicePointer target = tensor switch
        {
            UnitTensor.W or UnitTensor.Scale or UnitTensor.Bias or UnitTensor.RunningMean or UnitTensor.RunningVariance or
            UnitTensor.MomentumW or UnitTensor.MomentumScale or UnitTensor.MomentumBias when Find(tensor) is { } stored => stored(),
            _ => throw new InvalidOperationException($"{Spec.Name}: {tensor} is computed, not set"),
        };
        gpu.Write(source[..Count(tensor, 0)], target);
    }

    private Func<DevicePointer>? Find(UnitTensor tensor)
    {
        bool training = gpu.Plan.Training;
        return tensor switch
        {
            UnitTensor.W => () => w.Value,
            UnitTensor.Scale => () => scale.Value,
            UnitTensor.Bias => () => bias.Value,
            UnitTensor.RunningMean => () => runningMean.Pointer,
            UnitTensor.RunningVariance => () => runningVariance.Pointer,
            UnitTensor.MomentumW when training => () => w.Velocity,
            UnitTensor.MomentumScale when training => () => scale.Velocity,
            UnitTensor.MomentumBias when training => () => bias.Velocity,
            UnitTensor.Dw when training => () => w.Gradient,
            UnitTensor.DScale when training => () => scale.Gradient,
            UnitTensor.DBias when training => () => bias.Gradient,
            UnitTensor.BatchMean when trained => () => batchMean!.Pointer,
            UnitTensor.BatchInverseStd when trained => () => batchInverseStd!.Pointer,
            UnitTensor.Z when lastN > 0 => () => z.Pointer,
            UnitTensor.Y when lastY is { } y => () => y.Pointer,
            UnitTensor.Dz when ranBackward => () => gpu.Scratch.Pointer,
            UnitTensor.Dx when ranBackward && lastDx is { } dx => () => dx.Pointer,
            UnitTensor.Ds when ranBackward && lastDs is { } ds => () => ds.Pointer,
            _ => null,
        };
    }

    private ConvolutionPlan Plan(int n)
    {
        foreach (var plan in plans)
            if (plan.N == n) return plan;
        var late = gpu.Convolutions.Of(Spec, n);
        plans.Add(late);
        return late;
    }
}
