using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The head of the cuda device: cuDNN's average pooling, cuBLAS's products, and the kernels of the loss.</summary>
/// <remarks>
/// cuBLAS is column-major: a row-major (R, C) is its (C, R). So w (K, C) is its (C, K), pooled (N, C) its (C, N), logits (N, K) its
/// (K, N).
/// </remarks>
internal sealed class CudaHead : HeadUnit
{

    private readonly CudaResources gpu;
    private readonly CudaParameter w, bias;                     // (K, C), (K)
    private readonly DeviceSlice pooled, logits;                // (N, C), (N, K)
    private readonly DeviceSlice? dpooled, dlogits;             // (N, C), (N, K); only with training
    private readonly Shape pooledShape, logitShape;

    // The last pass, for downloads and for the backward pass that belongs to it.
    private int lastN;
    private bool trained;
    private CudaActivation? lastX;
    private CudaLabels? lastLabels;
    private CudaGradient? lastDx;

    public CudaHead(CudaResources gpu, HeadSpec spec) : base(spec)
    {
        this.gpu = gpu;
        var memory = gpu.Memory;
        bool training = gpu.Plan.Training;
        long images = gpu.Plan.BatchSize;
        (pooledShape, logitShape) = (new(spec.X.C, 1, 1), new(spec.Classes, 1, 1));
        w = new(memory, $"{HeadSpec.Name}.weight", spec.WeightCount, training);
        bias = new(memory, $"{HeadSpec.Name}.bias", spec.Classes, training);
        pooled = memory.Activation("pooled", images * spec.X.C);
        logits = memory.Activation("logits", images * spec.Classes);
        if (!training) return;
        dpooled = memory.Activation("dpooled", images * spec.X.C);
        dlogits = memory.Activation("dlogits", images * spec.Classes);
    }

    // ---- Forward ----

    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        (lastN, lastX, lastLabels, lastDx) = (n, (CudaActivation)x, (CudaLabels?)labels, null);
        trained = mode == Mode.Training && labels is not null;
        using var scope = gpu.Begin();
        int c = Spec.X.C;
        var pooling = gpu.Descriptors.GlobalAverage(Spec.X);
        gpu.Cudnn.AveragePoolingForward(pooling, new(gpu.Descriptors.Tensor(n, Spec.X), lastX.Pointer), Pooled(n, pooled));
        // logits = pooled w^T + bias.
        gpu.Cublas.Gemm(transposeA: true, transposeB: false, Spec.Classes, n, c, w.Value, c, pooled.Pointer, c, logits.Pointer, Spec.Classes);
        gpu.Cudnn.Add(Logits(1, bias.Value), Logits(n, logits.Pointer));
        if (lastLabels is not null)
        {
            gpu.SoftmaxCrossEntropy.Forward(gpu.Stream, n, Spec.Classes, logits.Pointer, lastLabels.Pointer, gpu.State.Pointer);
            // The last kernel of a pass of evaluation; a training step ends with the update.
            if (mode != Mode.Training) gpu.State.Advance();
        }
        gpu.EndPass();
    }

    // ---- Backward ----

    /// <summary>dw = dlogits^T pooled, db = sum dlogits, dpooled = dlogits w, dx = dpooled / (H W) for every pixel.</summary>
    public override void Backward(int n, Gradient dx)
    {
        if (!trained || n != lastN) throw new InvalidOperationException($"head: backward of {n} images needs their forward pass in training mode, with labels, first");
        lastDx = ((CudaGradient)dx).InOwnMemory();
        using var scope = gpu.Begin();
        int c = Spec.X.C;
        DevicePointer d = dlogits!.Pointer;
        gpu.SoftmaxCrossEntropy.Backward(gpu.Stream, n, Spec.Classes, logits.Pointer, lastLabels!.Pointer, d);
        gpu.Cublas.Gemm(transposeA: false, transposeB: true, c, Spec.Classes, n, pooled.Pointer, c, d, Spec.Classes, w.Gradient, c);
        gpu.Cudnn.ConvolutionBackwardBias(Logits(n, d), Logits(1, bias.Gradient));
        gpu.Cublas.Gemm(transposeA: false, transposeB: false, c, n, Spec.Classes, w.Value, c, d, Spec.Classes, dpooled!.Pointer, c);
        TensorDescriptor xs = gpu.Descriptors.Tensor(n, Spec.X);
        gpu.Cudnn.AveragePoolingBackward(gpu.Descriptors.GlobalAverage(Spec.X), new(xs, lastX!.Pointer), Pooled(n, pooled), Pooled(n, dpooled), new(xs, lastDx.Pointer));
        gpu.EndPass();
    }

    // ---- Host access ----

    public override void SetTotals(Totals totals)
    {
        using var scope = gpu.Begin();
        gpu.State.SetTotals(totals);
    }

    public override Totals ReadTotals()
    {
        using var scope = gpu.Begin();
        return gpu.State.Read().Totals;
    }

    public override PendingTotals RequestTotals()
    {
        using var scope = gpu.Begin();
        return gpu.Requests.Ask();
    }

    public override void ReadLogits(int n, Span<float> logits)
    {
        using var scope = gpu.Begin();
        gpu.Stream.Download(this.logits.Pointer, logits[..(n * Spec.Classes)]);
    }

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        using var scope = gpu.Begin();
        DevicePointer source = tensor switch
        {
            UnitTensor.Y => logits.Pointer,
            UnitTensor.Dx when lastDx is not null => lastDx.Pointer,
            _ => Find(tensor),
        };
        gpu.Read(source, destination[..Count(tensor, lastN)]);
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source)
    {
        if (tensor is not (UnitTensor.W or UnitTensor.Bias or UnitTensor.MomentumW or UnitTensor.MomentumBias))
            throw new InvalidOperationException($"head: {tensor} is computed, not set");
        using var scope = gpu.Begin();
        gpu.Write(source[..Count(tensor, 0)], Find(tensor));
    }

    private DevicePointer Find(UnitTensor tensor)
    {
        bool training = gpu.Plan.Training;
        return tensor switch
        {
            UnitTensor.W => w.Value,
            UnitTensor.Bias => bias.Value,
            UnitTensor.Dw when training => w.Gradient,
            UnitTensor.DBias when training => bias.Gradient,
            UnitTensor.MomentumW when training => w.Velocity,
            UnitTensor.MomentumBias when training => bias.Velocity,
            _ => throw new InvalidOperationException($"head: {tensor} is not stored"),
        };
    }

    private DeviceTensor Pooled(int n, DeviceSlice memory) => new(gpu.Descriptors.Tensor(n, pooledShape), memory.Pointer);

    private DeviceTensor Logits(int n, DevicePointer memory) => new(gpu.Descriptors.Tensor(n, logitShape), memory);
}
