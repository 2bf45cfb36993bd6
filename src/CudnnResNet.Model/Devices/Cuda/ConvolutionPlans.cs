using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The convolutions of a network: one plan for each geometry and number of images.</summary>
/// <param name="cudnn">The library.</param>
/// <param name="descriptors">Its descriptors.</param>
/// <param name="options">Precision, and algorithms that were chosen earlier.</param>
/// <param name="network">The planned batch sizes.</param>
/// <param name="here">GPU, cuDNN and precision of this device, with no algorithms.</param>
internal sealed class ConvolutionPlans(CudnnHandle cudnn, CudaDescriptors descriptors, DeviceOptions options, NetworkPlan network, AlgorithmChoice here)
{
    private readonly Dictionary<(Shape X, Shape Y, int Stride, bool NeedsDx, int N), ConvolutionPlan> plans = [];
    private readonly IReadOnlyList<ChosenAlgorithm> earlier = options.Algorithms is { } given && given.Fits(here) ? given.Algorithms : [];

    /// <summary>Bytes of workspace for all plans; null until it is allocated.</summary>
    public long? Available { get; set; }

    /// <summary>What is chosen at this moment.</summary>
    public AlgorithmChoice Choice => here with { Algorithms = [.. plans.Values.SelectMany(plan => plan.Chosen)] };

    /// <summary>Bytes of workspace that the plans need: the largest need of any.</summary>
    public long Workspace => plans.Values.Select(plan => options.Autotune ? plan.LargestWorkspace : plan.Workspace).DefaultIfEmpty().Max();

    /// <summary>The plans of a unit for all planned batch sizes, the largest first.</summary>
    public IEnumerable<ConvolutionPlan> Of(ConvNormSpec spec) => network.OtherBatchSizes.Prepend(network.BatchSize).Distinct().OrderDescending().Select(n => Of(spec, n));

    /// <summary>The plan of a unit for n images; one that was not planned is made now, within the workspace that there is.</summary>
    public ConvolutionPlan Of(ConvNormSpec spec, int n)
    {
        var key = (spec.X, spec.Y, spec.Stride, spec.NeedsDx, n);
        if (plans.TryGetValue(key, out var plan)) return plan;
        plan = new(cudnn, descriptors, spec, n, network.Training, options.Precision);
        plan.Take(earlier);
        if (Available is { } bytes) plan.Fit(bytes);
        return plans[key] = plan;
    }

    /// <summary>Times the algorithms of every plan whose choice was not given.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="stream">The stream of cuDNN.</param>
    /// <param name="workspace">What they may use.</param>
    public void Time(CudaContext context, CudaStream stream, Workspace workspace)
    {
        if (!options.Autotune || earlier.Count > 0 || plans.Count == 0) return;
        long x = plans.Values.Max(plan => Bytes(plan.X)), z = plans.Values.Max(plan => Bytes(plan.Z)), w = plans.Values.Max(plan => (long)plan.W.K * plan.W.C * plan.W.R * plan.W.S * sizeof(float));
        // The units' own memory must stay zeroed, and timing happens once: this memory is given back at once.
        var scratch = new DeviceArena(context, "autotune");
        try
        {
            DeviceSlice xs = scratch.Reserve("x", x), zs = scratch.Reserve("z", z), ws = scratch.Reserve("w", w);
            scratch.Allocate(stream);
            foreach (var plan in plans.Values) plan.Time(xs.Pointer, ws.Pointer, workspace, zs.Pointer);
            stream.Synchronize();
        }
        finally
        {
            scratch.Dispose();
        }
    }

    private static long Bytes(TensorDescriptor tensor) => (long)tensor.N * tensor.C * tensor.H * tensor.W * sizeof(float);
}
