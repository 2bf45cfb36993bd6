namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The conv-norm unit of the cpu device: a convolution with everything else fused into its loads and stores.</summary>
/// <remarks>
/// Forward, band by band of each group of images: x is computed into padded scratch (batch norm, shortcut and ReLU of the unit before),
/// convolved, and the result stored as z while its statistics are summed. Backward likewise: dz and x into padded scratch, dw summed
/// into the group's accumulator, dx = conv(dz, w transposed) with the addend, the mask of x's ReLU and the sums for the unit before.
/// A band's scratch stays in the core's own caches. Groups are reduced in their order, so the bytes do not depend on the threads.
/// </remarks>
internal sealed unsafe class CpuConvNorm<TLanes> : ConvNormUnit where TLanes : struct, ILanes<TLanes>
{
    private readonly CpuContext context;
    private readonly CpuParameters w, scale, bias;
    private readonly ActivationReader<TLanes> reader;
    private readonly float* runningMean, runningVariance;
    private readonly float* mean, inverseStd, zScale, zShift;
    private readonly float* ofG, ofZ, constant; // dz = ofG g + ofZ z + constant
    private readonly Convolution convolution;
    private readonly ThreadScratch paddedX, paddedDz, output;
    private readonly bool streamsX, streamsY;
    private readonly Action<int, int> forwardGroup, inferShare, maskGroup, backwardGroup;

    // The arguments of the pass in progress, and what backward needs of the last forward pass.
    private int n;
    private CpuActivation x = null!, y = null!;
    private CpuActivation? s;
    private CpuGradient dy = null!;
    private CpuGradient? dx;
    private CpuShortcutGradient? addend;
    private bool maskedDx;
    private long foldedVersion; // of the parameters and running statistics in zScale and zShift

    public CpuConvNorm(CpuContext context, ConvNormSpec spec) : base(spec)
    {
        this.context = context;
        reader = new(context);
        if (spec.Y.C % Blocked.Lanes != 0 || (Blocked.IsPlanar(spec) && spec.Stride != 1))
            throw new InvalidSettingException($"the cpu device has no unit of {spec.X} to {spec.Y} with stride {spec.Stride}: output channels are multiples of 16, and input channels too where the stride is 2");
        int k = spec.Y.C;
        w = context.Parameters(spec.WeightCount);
        scale = context.Parameters(k);
        bias = context.Parameters(k);
        var memory = context.Memory;
        runningMean = context.Statistics(k);
        runningVariance = context.Statistics(k);
        mean = memory.Floats(k);
        inverseStd = memory.Floats(k);
        zScale = memory.Floats(k);
        zShift = memory.Floats(k);
        ofG = memory.Floats(k);
        ofZ = memory.Floats(k);
        constant = memory.Floats(k);
        convolution = Convolution.Create<TLanes>(context, spec);
        Band band = convolution.First(0, convolution.BandImages);
        ImageRows inputs = convolution.InputRows(band), outputs = convolution.OutputRows(band);
        paddedX = context.Padded(inputs with { First = 0 }, band.Images);
        paddedDz = context.Padded(outputs with { First = 0 }, band.Images, isGradient: true);
        output = context.Scratch(ScratchSlot.Output, band.Images * Math.Max(inputs.Size, outputs.Size));
        (streamsX, streamsY) = (context.Streams(spec.X), context.Streams(spec.Y));
        forwardGroup = ForwardGroup;
        inferShare = InferShare;
        maskGroup = MaskGroup;
        backwardGroup = BackwardGroup;
    }

    public override string Kernel => convolution.Kernel;

    public override long ExecutedMultiplyAdds(Direction direction) => convolution.ExecutedMultiplyAdds(direction);

    // ---- Forward ----

    public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
    {
        (this.n, this.x, this.y) = (n, CpuActivation.Of(x), CpuActivation.Of(y));
        this.s = s is null ? null : CpuActivation.Of(s);
        convolution.BeginForward(w.Values);
        if (mode == Mode.Inference)
        {
            FoldRunningStatistics();
            this.y.SetPadded(Spec);
            context.Deferred.Add(n, inferShare);
            return;
        }
        context.Deferred.Run();
        context.Pool.Run(CpuContext.Groups(n), forwardGroup);
        if (this.x.Values == null && this.x.Stored != null) this.x.SetStored();
        FinishStatistics(updatesRunning: mode == Mode.Training);
        this.y.SetNormalized(Spec, zScale, zShift, mean, this.s);
    }

    private void ForwardGroup(int group, int thread)
    {
        var (first, end) = CpuContext.Images(group, n);
        double* sums = context.ClearedSums(group);
        float* origin = context.GroupOrigin(group);
        for (Band band = convolution.First(first, end); band.Images > 0; band = convolution.Next(band, end))
        {
            ImageRows rows = convolution.OutputRows(band);
            LoadX(band, thread);
            PrefetchForward(convolution.Next(band, end), context.Prefetchers[thread]);
            float* z = output[thread];
            convolution.Forward(thread, band.Images, paddedX[thread], z);
            if (band.Image == first && band.Row == 0) CopyFirstPixel(rows, z, origin);
            for (int i = 0; i < band.Images; i++, z += rows.Size)
                Passes<TLanes>.StoreAndSum(rows, z, origin, streamsY, y.Z + (nint)(band.Image + i) * Spec.Y.Size, sums);
        }
    }

    private void InferShare(int share, int thread)
    {
        var (first, end) = context.Share(share, n);
        int size = ImageRows.All(Spec.Y).PaddedSize;
        context.Prefetchers[thread].Clear();
        for (Band band = convolution.First(first, end); band.Images > 0; band = convolution.Next(band, end))
        {
            ImageRows rows = convolution.OutputRows(band);
            convolution.Multiply(thread, band.Images, XOfInference(band, thread));
            for (int i = 0; i < band.Images; i++)
            {
                int image = band.Image + i;
                float* padded = y.Z + (nint)image * size;
                ImagePlace shortcut = s is null ? default : reader.Shortcut(Spec, s, image, thread);
                Passes<TLanes>.ClearBorder(rows, padded);
                convolution.Finish(thread, i, band.Images, rows, zScale, zShift, shortcut, new(Spec.Y, padded, isPadded: true));
            }
        }
    }

    /// <summary>A band's input where the unit before has left it with its border, else in scratch memory.</summary>
    private PaddedRows XOfInference(Band band, int thread)
    {
        ImageRows rows = convolution.InputRows(band);
        if (x.Padded != null) return PaddedRows.InImages(rows, x.Padded + (nint)band.Image * rows.Whole.PaddedSize);
        LoadX(band, thread);
        return PaddedRows.InScratch(rows, paddedX[thread]);
    }

    private void PrefetchForward(Band band, Prefetcher prefetcher)
    {
        if (convolution.PrefetchSteps == 0) return;
        prefetcher.Clear();
        ImageRows rows = convolution.InputRows(band);
        for (int image = band.Image; image < band.Image + band.Images; image++) PrefetchX(rows, image, prefetcher);
        prefetcher.Plan(convolution.PrefetchSteps);
    }

    private void PrefetchX(ImageRows rows, int image, Prefetcher prefetcher)
    {
        nint offset = (nint)image * Spec.X.Size;
        prefetcher.Add(rows, (x.Values == null ? x.Z : x.Values) + offset);
        if (x.Values == null && x.S is not null && x.Producer!.Shortcut == ShortcutKind.Identity) prefetcher.Add(rows, x.S.Values + offset);
    }

    private void PrefetchBackward(Band band, Prefetcher prefetcher)
    {
        if (convolution.PrefetchSteps == 0) return;
        prefetcher.Clear();
        ImageRows inputs = convolution.InputRows(band), outputs = convolution.OutputRows(band);
        for (int image = band.Image; image < band.Image + band.Images; image++)
        {
            nint offsetX = (nint)image * Spec.X.Size, offsetY = (nint)image * Spec.Y.Size;
            prefetcher.Add(outputs, dy.Values + offsetY);
            prefetcher.Add(outputs, y.Z + offsetY);
            PrefetchX(inputs, image, prefetcher);
            if (maskedDx && x.Values != null) prefetcher.Add(inputs, x.Z + offsetX);
            if (addend is not null && addend.Spec.Shortcut == ShortcutKind.Identity) prefetcher.Add(inputs, addend.Source!.Values + offsetX);
        }
        prefetcher.Plan((dx is null ? 1 : 2) * convolution.PrefetchSteps);
    }

    private void LoadX(Band band, int thread)
    {
        ImageRows rows = convolution.InputRows(band);
        for (int i = 0; i < band.Images; i++) reader.LoadPadded(x, rows, band.Image + i, thread, paddedX[thread] + i * rows.PaddedSize);
    }

    private static void CopyFirstPixel(ImageRows rows, float* z, float* pixel)
    {
        for (int c = 0; c < rows.Shape.C; c++) pixel[c] = z[rows.InBand(c / Blocked.Lanes, rows.First) + c % Blocked.Lanes];
    }

    /// <summary>Mean, 1/std, the affine map of the batch norm and, in training, the running statistics, from the groups' sums.</summary>
    private void FinishStatistics(bool updatesRunning)
    {
        foldedVersion = 0; // the affine map is the batch's now
        if (updatesRunning) context.Version++;
        int k = Spec.Y.C;
        double count = (double)n * Spec.Y.Plane;
        double* moments = context.ReduceMoments(n, Spec.Y);
        for (int c = 0; c < k; c++)
        {
            double batchMean = moments[c], variance = moments[k + c] / count;
            double inverse = 1 / Math.Sqrt(variance + ConvNormSpec.Epsilon);
            mean[c] = (float)batchMean;
            inverseStd[c] = (float)inverse;
            SetAffine(c, batchMean, inverse);
            if (!updatesRunning) continue;
            double unbiased = variance * count / Math.Max(count - 1, 1);
            runningMean[c] = (float)((1 - ConvNormSpec.Momentum) * runningMean[c] + ConvNormSpec.Momentum * batchMean);
            runningVariance[c] = (float)((1 - ConvNormSpec.Momentum) * runningVariance[c] + ConvNormSpec.Momentum * unbiased);
        }
    }

    private void FoldRunningStatistics()
    {
        if (foldedVersion == context.Version) return;
        foldedVersion = context.Version;
        for (int c = 0; c < Spec.Y.C; c++)
            SetAffine(c, runningMean[c], 1 / Math.Sqrt(runningVariance[c] + ConvNormSpec.Epsilon));
    }

    private void SetAffine(int c, double mean, double inverseStd)
    {
        double a = scale.Values[c] * inverseStd;
        zScale[c] = (float)a;
        zShift[c] = (float)(bias.Values[c] - a * mean);
    }

    // ---- Backward ----

    public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
    {
        (this.dy, this.dx, this.addend) = ((CpuGradient)dy, (CpuGradient?)dx, (CpuShortcutGradient?)addend);
        if (!this.dy.IsMasked) MaskDy();
        if (ds is CpuShortcutGradient view) view.Source = this.dy;
        FinishNormGradient();

        maskedDx = this.dx is not null && x.IsNormalized;
        if (this.dx is not null) convolution.BeginBackwardData(w.Values);
        int groups = CpuContext.Groups(n, convolution.BackwardGroups);
        context.Pool.Run(groups, backwardGroup);
        convolution.FinishBackwardFilter(groups, w.Gradient);
        if (this.dx is null) return;
        this.dx.IsMasked = maskedDx;
        if (maskedDx) context.ReduceSums(groups, 2 * Spec.X.C, this.dx.Sums);
    }

    private void BackwardGroup(int group, int thread)
    {
        var (first, end) = CpuContext.Images(group, n, convolution.BackwardGroups);
        float* accumulator = context.GroupGradient(group);
        double* sums = context.ClearedSums(group);
        for (Band band = convolution.First(first, end); band.Images > 0; band = convolution.Next(band, end))
        {
            LoadDz(band, thread);
            LoadX(band, thread);
            PrefetchBackward(convolution.Next(band, end), context.Prefetchers[thread]);
            bool isFirst = band.Image == first && band.Row == 0;
            convolution.BackwardFilter(thread, band.Images, paddedX[thread], paddedDz[thread], isFirst, accumulator);
            if (dx is not null) BackwardData(band, thread, sums);
        }
    }

    private void LoadDz(Band band, int thread)
    {
        ImageRows rows = convolution.OutputRows(band);
        nint offset = (nint)band.Image * Spec.Y.Size;
        for (int i = 0; i < band.Images; i++, offset += Spec.Y.Size)
            Passes<TLanes>.PadNormGradient(rows, dy.Values + offset, y.Z + offset, ofG, ofZ, constant, paddedDz[thread] + i * rows.PaddedSize);
    }

    /// <summary>dx of a band, from dz in scratch; x is in scratch too, for the mask of its ReLU.</summary>
    private void BackwardData(Band band, int thread, double* sums)
    {
        ImageRows rows = convolution.InputRows(band);
        float* raw = output[thread];
        convolution.BackwardData(thread, band.Images, paddedDz[thread], raw);
        for (int i = 0; i < band.Images; i++, raw += rows.Size)
        {
            int image = band.Image + i;
            nint offset = (nint)image * Spec.X.Size;
            float* identity = null;
            if (addend is not null)
            {
                float* ds = addend.Source!.Values + (nint)image * addend.Spec.Y.Size;
                if (addend.Spec.Shortcut == ShortcutKind.Identity) identity = ds;
                else DownsamplingShortcut.AddBackward(addend.Spec, ds, rows, raw);
            }
            if (maskedDx) Passes<TLanes>.MaskAndSum(rows, raw, identity, paddedX[thread] + i * rows.PaddedSize, x.Z + offset, x.Mean, streamsX, dx!.Values + offset, sums);
            else Passes<TLanes>.Store(rows, raw, identity, dx!.Values + offset);
        }
    }

    /// <summary>A gradient that comes from outside, not from a unit of this device, still lacks this unit's ReLU mask and sums.</summary>
    private void MaskDy()
    {
        context.Pool.Run(CpuContext.Groups(n), maskGroup);
        context.ReduceSums(CpuContext.Groups(n), 2 * Spec.Y.C, dy.Sums);
        dy.IsMasked = true;
    }

    private void MaskGroup(int group, int thread)
    {
        var (first, end) = CpuContext.Images(group, n);
        double* sums = context.ClearedSums(group);
        for (Band band = convolution.First(first, end); band.Images > 0; band = convolution.Next(band, end))
        {
            ImageRows rows = convolution.OutputRows(band);
            for (int image = band.Image; image < band.Image + band.Images; image++)
            {
                nint offset = (nint)image * Spec.Y.Size;
                reader.LoadPadded(y, rows, image, thread, paddedDz[thread]);
                Passes<TLanes>.CopyRows(rows, dy.Values + offset, output[thread]);
                Passes<TLanes>.MaskAndSum(rows, output[thread], null, paddedDz[thread], y.Z + offset, mean, streams: false, dy.Values + offset, sums);
            }
        }
    }

    /// <summary>
    /// dbias = sum g, dscale = sum g xhat, and the coefficients of
    /// dz = scale / std (g - dbias / M - xhat dscale / M) with xhat = (z - mean) / std.
    /// </summary>
    private void FinishNormGradient()
    {
        int k = Spec.Y.C;
        double count = (double)n * Spec.Y.Plane;
        for (int c = 0; c < k; c++)
        {
            double inverse = inverseStd[c];
            double dbias = dy.Sums[c], dscale = dy.Sums[k + c] * inverse;
            bias.Gradient[c] = (float)dbias;
            scale.Gradient[c] = (float)dscale;
            double a = scale.Values[c] * inverse, b = -a * inverse * dscale / count;
            ofG[c] = (float)a;
            ofZ[c] = (float)b;
            constant[c] = (float)(-a * dbias / count - b * mean[c]);
        }
    }

    // ---- Host access ----

    public override bool Stores(UnitTensor tensor) => tensor is not UnitTensor.Dz;

    public override void Download(UnitTensor tensor, Span<double> destination)
    {
        context.Deferred.Run();
        switch (tensor)
        {
            case UnitTensor.W: ReadWeights(w.Values, destination); break;
            case UnitTensor.Dw: ReadWeights(w.Gradient, destination); break;
            case UnitTensor.MomentumW: ReadWeights(w.Velocity, destination); break;
            case UnitTensor.Z: HostCopy.Read(Spec.Y, n, y.Z, destination); break;
            case UnitTensor.Y: HostCopy.ReadActivation(y, n, destination); break;
            case UnitTensor.Dx: HostCopy.Read(Spec.X, n, (dx ?? throw NotStored(tensor)).Values, destination); break;
            case UnitTensor.Ds: HostCopy.ReadShortcutGradient(Spec, n, dy.Values, destination); break;
            case UnitTensor.Dz: throw NotStored(tensor);
            default: HostCopy.Read(Vector(tensor), destination); break;
        }
    }

    public override void Upload(UnitTensor tensor, ReadOnlySpan<double> source)
    {
        context.Deferred.Run();
        context.Version++;
        switch (tensor)
        {
            case UnitTensor.W: WriteWeights(source, w.Values); break;
            case UnitTensor.MomentumW: WriteWeights(source, w.Velocity); break;
            default: HostCopy.Write(source, Vector(tensor)); break;
        }
    }

    private Span<float> Vector(UnitTensor tensor) => new(tensor switch
    {
        UnitTensor.Scale => scale.Values,
        UnitTensor.Bias => bias.Values,
        UnitTensor.DScale => scale.Gradient,
        UnitTensor.DBias => bias.Gradient,
        UnitTensor.MomentumScale => scale.Velocity,
        UnitTensor.MomentumBias => bias.Velocity,
        UnitTensor.RunningMean => runningMean,
        UnitTensor.RunningVariance => runningVariance,
        UnitTensor.BatchMean => mean,
        UnitTensor.BatchInverseStd => inverseStd,
        _ => throw NotStored(tensor),
    }, Spec.Y.C);

    private InvalidOperationException NotStored(UnitTensor tensor) => new($"{Spec.Name}: {tensor} is not stored on the cpu device");

    private void ReadWeights(float* source, Span<double> destination)
    {
        for (int i = 0; i < Spec.WeightCount; i++) destination[i] = source[WeightIndex(i)];
    }

    private void WriteWeights(ReadOnlySpan<double> source, float* destination)
    {
        for (int i = 0; i < Spec.WeightCount; i++) destination[WeightIndex(i)] = (float)source[i];
    }

    /// <summary>Where element i of w (K, C, 3, 3) lies.</summary>
    private int WeightIndex(int i)
    {
        int tap = i % Blocked.Taps, channel = i / Blocked.Taps;
        return Blocked.Weight(Spec, channel / Spec.X.C, channel % Spec.X.C, tap);
    }
}
