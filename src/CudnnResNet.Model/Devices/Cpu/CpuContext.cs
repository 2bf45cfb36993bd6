using System.Numerics.Tensors;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>A parameter's slices of the three arenas: the parameter, its gradient and its velocity, in the device's layout.</summary>
internal readonly unsafe struct CpuParameters(float* values, float* gradient, float* velocity)
{
    public float* Values { get; } = values;

    /// <summary>Null in inference.</summary>
    public float* Gradient { get; } = gradient;

    /// <summary>Null in inference.</summary>
    public float* Velocity { get; } = velocity;
}

/// <summary>Scratch memory that is needed at the same time.</summary>
internal enum ScratchSlot
{
    /// <summary>Winograd's transformed inputs.</summary>
    V,

    /// <summary>Winograd's transformed gradients of outputs.</summary>
    Z,

    /// <summary>Winograd's products.</summary>
    M,

    /// <summary>A convolution's output, before it goes to its activation or gradient.</summary>
    Output,
}

/// <summary>What the units of one cpu device share: threads, arenas, scratch, and the way a batch is cut into groups.</summary>
/// <remarks>
/// A batch is cut into min(N, 16) groups of neighbouring images. The number of groups depends on N only; each group sums into memory of
/// its own, and groups are added in their order. That is why the results are the same bytes for any number of threads.
/// </remarks>
internal sealed unsafe class CpuContext : IDisposable
{
    /// <summary>Most groups of a batch: with 128 images each has 8.</summary>
    public const int MaxGroups = 16;

    /// <summary>
    /// Images that a thread takes through the whole network at a time in inference: their activations fit the second-level cache, and those
    /// of the last stage fill one band.
    /// </summary>
    public const int ImagesOfThread = 4;

    private const long StreamBytes = 1 << 20;

    /// <summary>Parts that a reduction or an update is cut into.</summary>
    public const int Parts = 16;

    private readonly float* parameters, gradients, velocities, statistics;
    private readonly double* groupSums, reduced;
    private readonly float* groupOrigins;
    private readonly float* groupGradients;
    private readonly int sumsStride, statisticsCount;
    private readonly Dictionary<(ImageRows Rows, bool IsGradient, int Images), ThreadScratch> padded = [];
    private readonly Dictionary<(ScratchSlot Slot, int Floats), ThreadScratch> scratch = [];
    private int used, usedStatistics;

    public CpuContext(NetworkPlan plan, CpuSettings settings)
    {
        int threads = settings.Threads;
        (Plan, Settings) = (plan, settings);
        ParameterCount = plan.Parameters.Sum(tensor => Rounded(tensor.Count));
        Memory = new CpuMemory();
        parameters = Memory.Floats(ParameterCount);
        gradients = plan.Training ? Memory.Floats(ParameterCount) : null;
        velocities = plan.Training ? Memory.Floats(ParameterCount) : null;
        statisticsCount = plan.Statistics.Sum(tensor => Rounded(tensor.Count));
        statistics = Memory.Floats(statisticsCount);

        var shapes = plan.ConvNorms.SelectMany(unit => new[] { unit.X, unit.Y, unit.S }).Append(plan.Head?.X ?? default).ToArray();
        int largest = shapes.Max(shape => shape.Size);
        sumsStride = 2 * shapes.Max(shape => shape.C);
        groupSums = Memory.Doubles((long)MaxGroups * sumsStride);
        groupOrigins = Memory.Floats((long)MaxGroups * sumsStride);
        reduced = Memory.Doubles(sumsStride);
        // Winograd accumulates 36 numbers for each pair of channels, with stride 2 81; direct convolution 9.
        GroupGradientStride = Rounded(plan.ConvNorms.Select(unit => (!settings.Winograd ? 9 : unit.Stride == 1 ? 36 : 81) * unit.X.C * unit.Y.C).DefaultIfEmpty(1).Max());
        groupGradients = plan.Training ? Memory.Floats((long)MaxGroups * GroupGradientStride) : null;
        Gathered = new(Memory, threads, largest);
        Pool = new WorkPool(threads);
        Deferred = new(Pool, waits: !plan.Timed);
        Prefetchers = [.. Enumerable.Range(0, threads).Select(_ => new Prefetcher())];
    }

    public NetworkPlan Plan { get; }

    public CpuSettings Settings { get; }

    public CpuMemory Memory { get; }

    public WorkPool Pool { get; }

    /// <summary>Floats of the parameter arena, its gaps included.</summary>
    public int ParameterCount { get; }

    /// <summary>The whole arenas, for the update.</summary>
    public CpuParameters All => new(parameters, gradients, velocities);

    /// <summary>Scratch for what a downsampling shortcut takes of its source.</summary>
    public ThreadScratch Gathered { get; }

    /// <summary>One for each thread.</summary>
    public Prefetcher[] Prefetchers { get; }

    /// <summary>Units of an inference pass that wait for the head.</summary>
    public DeferredUnits Deferred { get; }

    /// <summary>Floats between two groups' gradients.</summary>
    public int GroupGradientStride { get; }

    /// <summary>The next slice of the parameter arenas.</summary>
    public CpuParameters Parameters(int count)
    {
        int start = used;
        used += Rounded(count);
        if (used > ParameterCount) throw new InvalidOperationException("more units were created than the plan names");
        return Plan.Training ? new(parameters + start, gradients + start, velocities + start) : new(parameters + start, null, null);
    }

    /// <summary>The next slice of the arena of running statistics.</summary>
    public float* Statistics(int count)
    {
        float* slice = statistics + usedStatistics;
        usedStatistics += Rounded(count);
        if (usedStatistics > statisticsCount) throw new InvalidOperationException("more units were created than the plan names");
        return slice;
    }

    /// <summary>The running statistics, the arena's gaps of zeros included.</summary>
    public ReadOnlySpan<float> AllStatistics => new(statistics, statisticsCount);

    /// <summary>The state-dict name of the first parameter, or else running statistic, that is not finite; null where all are.</summary>
    public string? NonFiniteTensor() => NonFiniteTensor(Plan.Parameters, parameters) ?? NonFiniteTensor(Plan.Statistics, statistics);

    private static string? NonFiniteTensor(IReadOnlyList<(string Name, int Count)> tensors, float* values)
    {
        foreach (var (name, count) in tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(new(values, count))) return name;
            values += Rounded(count);
        }
        return null;
    }

    /// <summary>
    /// Scratch for some rows of padded images, one for activations and one for gradients, which a backward pass needs side by side.
    /// Each shape has its own, because nobody ever writes the border's columns.
    /// </summary>
    public ThreadScratch Padded(ImageRows rows, int images, bool isGradient = false)
    {
        if (!padded.TryGetValue((rows, isGradient, images), out var space))
            padded[(rows, isGradient, images)] = space = new(Memory, Pool.Threads, (long)images * rows.PaddedSize);
        return space;
    }

    /// <summary>Scratch without a content of its own: units that ask for the same slot and size share it.</summary>
    public ThreadScratch Scratch(ScratchSlot slot, int floats)
    {
        if (!scratch.TryGetValue((slot, floats), out var space)) scratch[(slot, floats)] = space = new(Memory, Pool.Threads, floats);
        return space;
    }

    /// <summary>
    /// Counts the changes of parameters and running statistics: what inference has derived from them is valid as long as this stays.
    /// </summary>
    public long Version { get; set; } = 1;

    /// <summary>Groups of a batch.</summary>
    /// <param name="n">Images.</param>
    /// <param name="most">Fewer than the usual number, where a group's sums are large.</param>
    public static int Groups(int n, int most = MaxGroups) => Math.Min(n, most);

    /// <summary>The images of a group.</summary>
    public static (int First, int End) Images(int group, int n, int most = MaxGroups)
    {
        int groups = Groups(n, most);
        return ((int)((long)group * n / groups), (int)((long)(group + 1) * n / groups));
    }

    /// <summary>The images of a thread in inference, where what a thread takes changes no result.</summary>
    public (int First, int End) Share(int thread, int n) =>
        (Math.Min(n, (thread * n + Pool.Threads - 1) / Pool.Threads), Math.Min(n, ((thread + 1) * n + Pool.Threads - 1) / Pool.Threads));

    /// <summary>A part of count floats, cut at multiples of 16.</summary>
    public static (int First, int End) Part(int part, int count)
    {
        int blocks = Rounded(count) / Blocked.Lanes;
        return (part * blocks / Parts * Blocked.Lanes, (part + 1) * blocks / Parts * Blocked.Lanes);
    }

    /// <summary>Two doubles for each channel, of one group.</summary>
    public double* GroupSums(int group) => groupSums + group * sumsStride;

    /// <summary>The same, cleared.</summary>
    public double* ClearedSums(int group)
    {
        new Span<double>(GroupSums(group), sumsStride).Clear();
        return GroupSums(group);
    }

    /// <summary>One float for each channel, of one group: what its sums of z are taken from.</summary>
    public float* GroupOrigin(int group) => groupOrigins + group * sumsStride;

    /// <summary>
    /// Whether a whole activation of a full batch is written past the caches: where it is far larger than a core's share of them.
    /// </summary>
    public bool Streams(Shape shape) => (long)Plan.BatchSize * shape.Size * sizeof(float) > StreamBytes;

    /// <summary>A group's accumulator for the gradient of the weights.</summary>
    public float* GroupGradient(int group) => groupGradients + (nint)group * GroupGradientStride;

    /// <summary>Adds the first count sums of all groups, in their order.</summary>
    public void ReduceSums(int groups, int count, double* sums)
    {
        for (int i = 0; i < count; i++)
        {
            double sum = 0;
            for (int group = 0; group < groups; group++) sum += GroupSums(group)[i];
            sums[i] = sum;
        }
    }

    /// <summary>Joins the groups' sums of z - origin and of its square, in their order: (C) means, then (C) sums of squared deviations.</summary>
    public double* ReduceMoments(int n, Shape shape)
    {
        for (int c = 0; c < shape.C; c++)
        {
            reduced[c] = reduced[shape.C + c] = 0;
            for (int group = 0; group < Groups(n); group++)
            {
                var (first, end) = Images(group, n);
                double count = (double)(end - first) * shape.Plane, sum = GroupSums(group)[c], squares = GroupSums(group)[shape.C + c];
                var moments = new Moments(GroupOrigin(group)[c] + sum / count, squares - sum * (sum / count));
                Moments.Join(ref reduced[c], ref reduced[shape.C + c], (double)first * shape.Plane, moments, count);
            }
        }
        return reduced;
    }

    public void Dispose()
    {
        Pool.Dispose();
        Memory.Dispose();
    }

    /// <summary>The next multiple of 16: slices begin on a cache line, and the gaps stay zero.</summary>
    private static int Rounded(int count) => (count + Blocked.Lanes - 1) / Blocked.Lanes * Blocked.Lanes;
}
