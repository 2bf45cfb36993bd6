namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The head of the cpu device. Less than a thousandth of a step's work, so only the passes over the activation use all threads.</summary>
internal sealed unsafe class CpuHead<TLanes> : HeadUnit where TLanes : struct, ILanes<TLanes>
{

    private readonly CpuContext context;
    private readonly ActivationReader<TLanes> reader;
    private readonly CpuParameters w, bias;             // (K, C), (K)
    private readonly ThreadScratch paddedX;
    private readonly float* pooled, dpooled;            // (N, C)
    private readonly float* logits;                     // (N, K)
    private readonly double* dlogits;                   // (N, K)
    private readonly Action<int, int> poolGroup, poolShare, spreadGroup;
    private Totals totals;

    private int n;
    private CpuActivation x = null!;
    private CpuGradient dx = null!;

    public CpuHead(CpuContext context, HeadSpec spec) : base(spec)
    {
        this.context = context;
        reader = new(context);
        w = context.Parameters(spec.WeightCount);
        bias = context.Parameters(spec.Classes);
        paddedX = context.Padded(ImageRows.All(spec.X), images: 1);
        int images = context.Plan.BatchSize;
        pooled = context.Memory.Floats((long)images * spec.X.C);
        dpooled = context.Memory.Floats((long)images * spec.X.C);
        logits = context.Memory.Floats((long)images * spec.Classes);
        dlogits = context.Memory.Doubles((long)images * spec.Classes);
        poolGroup = PoolGroup;
        poolShare = PoolShare;
        spreadGroup = SpreadGroup;
    }

    // ---- Forward ----

    public override void Forward(int n, Activation x, Labels? labels, Mode mode)
    {
        (this.n, this.x) = (n, CpuActivation.Of(x));
        if (mode == Mode.Inference)
        {
            context.Deferred.Add(n, poolShare);
            context.Deferred.Run();
        }
        else
        {
            context.Pool.Run(CpuContext.Groups(n), poolGroup);
            if (this.x.Values == null && this.x.Stored != null) this.x.SetStored();
        }
        if (labels is not CpuLabels truth) return;
        for (int image = 0; image < n; image++) Count(image, truth.Values[image]);
    }

    private void PoolShare(int share, int thread)
    {
        var (first, end) = context.Share(share, n);
        PoolImages(first, end, thread);
    }

    private void PoolGroup(int group, int thread)
    {
        var (first, end) = CpuContext.Images(group, n);
        PoolImages(first, end, thread);
    }

    private void PoolImages(int first, int end, int thread)
    {
        var rows = ImageRows.All(Spec.X);
        for (int image = first; image < end; image++)
        {
            float* padded = x.Padded == null ? paddedX[thread] : x.Padded + (nint)image * rows.PaddedSize;
            if (x.Padded == null) reader.LoadPadded(x, rows, image, thread, padded);
            Passes<TLanes>.Average(Spec.X, padded, pooled + (nint)image * Spec.X.C);
            Linear(image);
        }
    }

    private void Linear(int image)
    {
        float* features = pooled + (nint)image * Spec.X.C;
        for (int j = 0; j < Spec.Classes; j++)
        {
            double sum = bias.Values[j];
            for (int c = 0; c < Spec.X.C; c++) sum += (double)w.Values[j * Spec.X.C + c] * features[c];
            logits[image * Spec.Classes + j] = (float)sum;
        }
    }

    /// <summary>Adds the image's loss and hit to the totals; dlogits = (softmax - onehot) / N.</summary>
    private void Count(int image, int label)
    {
        var row = new ReadOnlySpan<float>(logits + image * Spec.Classes, Spec.Classes);
        int best = 0;
        bool anyNaN = false;
        for (int j = 0; j < Spec.Classes; j++)
        {
            anyNaN |= float.IsNaN(row[j]);
            if (row[j] > row[best]) best = j;
        }
        // Subtracting the largest logit changes nothing but keeps exp finite.
        double* gradient = dlogits + image * Spec.Classes;
        double sum = 0;
        for (int j = 0; j < Spec.Classes; j++) sum += gradient[j] = Math.Exp((double)row[j] - row[best]);
        for (int j = 0; j < Spec.Classes; j++) gradient[j] = (gradient[j] / sum - (j == label ? 1 : 0)) / n;
        double loss = row[best] + Math.Log(sum) - row[label];
        totals = new(totals.Images + 1, totals.LossSum + loss, totals.Correct + (best == label && !anyNaN ? 1 : 0));
    }

    // ---- Backward ----

    /// <summary>dw = dlogits^T p, db = sum dlogits, dp = dlogits w, dx = dp / (H W) for every pixel.</summary>
    public override void Backward(int n, Gradient dx)
    {
        this.dx = (CpuGradient)dx;
        for (int j = 0; j < Spec.Classes; j++)
        {
            double db = 0;
            for (int image = 0; image < n; image++) db += dlogits[image * Spec.Classes + j];
            bias.Gradient[j] = (float)db;
            for (int c = 0; c < Spec.X.C; c++)
            {
                double dw = 0;
                for (int image = 0; image < n; image++) dw += dlogits[image * Spec.Classes + j] * pooled[(nint)image * Spec.X.C + c];
                w.Gradient[j * Spec.X.C + c] = (float)dw;
            }
        }
        for (int image = 0; image < n; image++)
        {
            for (int c = 0; c < Spec.X.C; c++)
            {
                double dp = 0;
                for (int j = 0; j < Spec.Classes; j++) dp += dlogits[image * Spec.Classes + j] * w.Values[j * Spec.X.C + c];
                dpooled[(nint)image * Spec.X.C + c] = (float)(dp / Spec.X.Plane);
            }
        }
        context.Pool.Run(CpuContext.Groups(n), spreadGroup);
        this.dx.IsMasked = x.IsNormalized;
        if (x.IsNormalized) context.ReduceSums(CpuContext.Groups(n), 2 * Spec.X.C, this.dx.Sums);
    }

    private void SpreadGroup(int group, int thread)
    {
        var (first, end) = CpuContext.Images(group, n);
        double* sums = context.ClearedSums(group);
        for (int image = first; image < end; image++)
        {
            nint offset = (nint)image * Spec.X.Size;
            float* values = dx.Values + offset;
            Passes<TLanes>.Spread(Spec.X, dpooled + (nint)image * Spec.X.C, values);
            if (!x.IsNormalized) continue;
            reader.LoadPadded(x, ImageRows.All(Spec.X), image, thread, paddedX[thread]);
            Passes<TLanes>.MaskAndSum(ImageRows.All(Spec.X), values, null, paddedX[thread], x.Z + offset, x.Mean, streams: false, values, sums);
        }
    }

    // ---- Host access ----

    public override void SetTotals(Totals totals) => this.totals = totals;

    public override Totals ReadTotals() => totals;

    public override PendingTotals RequestTotals() => PendingTotals.Known(totals);

    public override void ReadLogits(int n, Span<float> logits) => new ReadOnlySpan<float>(this.logits, n * Spec.Classes).CopyTo(logits);

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        if (tensor == UnitTensor.Dx) HostCopy.Read(Spec.X, n, dx.Values, destination);
        else HostCopy.Read(tensor == UnitTensor.Y ? new(logits, n * Spec.Classes) : Vector(tensor), destination);
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source) => HostCopy.Write(source, Vector(tensor));

    private Span<float> Vector(UnitTensor tensor) => new(tensor switch
    {
        UnitTensor.W => w.Values,
        UnitTensor.Dw => w.Gradient,
        UnitTensor.MomentumW => w.Velocity,
        UnitTensor.Bias => bias.Values,
        UnitTensor.DBias => bias.Gradient,
        UnitTensor.MomentumBias => bias.Velocity,
        _ => throw new InvalidOperationException($"head: {tensor} is not stored on the cpu device"),
    }, Count(tensor, 0));
}
