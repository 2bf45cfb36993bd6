using CudnnResNet.Model.Devices;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model;

/// <summary>Where evaluation and inference take batch norm's mean and variance from.</summary>
public enum BatchNormStatistics
{
    /// <summary>The running statistics, which training has averaged: what an image gives does not depend on the others.</summary>
    Running,

    /// <summary>The batch's own, as in training: what an image gives depends on the batch it is in, and on its size.</summary>
    Batch,
}

/// <summary>How a network is run.</summary>
public sealed record NetworkOptions
{
    /// <summary>Largest batch this machine's memory and the engine's 32-bit offsets are meant for.</summary>
    public const int MaxBatchSize = 4096;

    /// <summary>What computes.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>The largest number of images in one pass; smaller batches are always allowed.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// Smaller numbers of images that will come in one pass, such as the last batch of an epoch and of an evaluation, so that a device can
    /// prepare for them. The results do not depend on it.
    /// </summary>
    public IReadOnlyList<int> OtherBatchSizes { get; init; } = [];

    /// <summary>False for inference only, which needs far less memory.</summary>
    public bool Training { get; init; } = true;

    /// <summary>Which statistics batch norm uses outside training. No evaluation changes the running ones.</summary>
    public BatchNormStatistics InferenceStatistics { get; init; } = BatchNormStatistics.Running;

    /// <summary>How pixels become floats.</summary>
    public Normalization Normalization { get; init; } = Normalization.Reference;

    /// <summary>How training images are cropped.</summary>
    public Crop Crop { get; init; } = Crop.Random;

    /// <summary>Whether half of the training images are mirrored.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Seed of the initial weights, crops and flips.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>SGD's momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD's weight decay, on every parameter.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Whether the ops are timed, for <see cref="ResNet.ReadProfile"/>; the results do not depend on it.</summary>
    public bool Profile { get; init; }

    /// <summary>Records when steps and their ops begin and end, or null; the results do not depend on it. A recorder belongs to one network.</summary>
    public TraceRecorder? Trace { get; init; }

    /// <summary>
    /// The steps that a profiler of CUDA is to record, or null: cuProfilerStart is called before the first and cuProfilerStop after the
    /// last of them. Needs the cuda device.
    /// </summary>
    public StepRange? CudaProfilerRange { get; init; }

    /// <summary>See <see cref="SgdSpec.Checks"/>.</summary>
    internal bool ChecksUpdates { get; init; } = true;

    /// <summary>Whether ops are timed one by one: then each is done when its call returns.</summary>
    internal bool TimesOps => Profile || Trace is not null;

    /// <summary>Whether each op has a range on the timeline.</summary>
    internal bool WatchesOps => TimesOps || CudaProfilerRange is not null || (!Device.Graph && Nvtx.IsActive);

    /// <summary>The device as it is opened: a range that a profiler is to record has every kernel by itself.</summary>
    internal DeviceOptions OpenedDevice => CudaProfilerRange is null ? Device : Device with { Graph = false };

    internal void Check()
    {
        CudaProfilerRange?.Check("cuda-profiler-range");
        if (BatchSize is < 1 or > MaxBatchSize) throw new InvalidSettingException($"batch size {BatchSize} is not within 1..{MaxBatchSize}");
        foreach (int size in OtherBatchSizes)
            if (size < 1 || size > BatchSize) throw new InvalidSettingException($"batch size {size} is not within 1..{BatchSize}, the largest one");
        if (Device.Threads is < 0 or > 256) throw new InvalidSettingException($"threads {Device.Threads} is not within 1..256 (0: one for each processor)");
        if (!(Momentum is >= 0 and < 1)) throw new InvalidSettingException($"momentum {Momentum} is not within 0..1 (1 excluded)");
        if (!(WeightDecay is >= 0 and < 1)) throw new InvalidSettingException($"weight decay {WeightDecay} is not within 0..1 (1 excluded)");
    }
}
