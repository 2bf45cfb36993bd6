using CudnnResNet.Model.Devices.Profiling;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// The cuda device: cuDNN, cuBLAS and our kernels on one stream, NCHW floats, deterministic algorithms. What a step gives to the stream
/// allocates nothing, waits for nothing, and depends on the host only through the <see cref="StepState"/>: it can be captured.
/// </summary>
internal sealed class CudaDevice(DeviceOptions options, NetworkPlan plan) : IDevice, IProfilerSwitch
{
    private readonly CudaResources gpu = new(options, plan);

    public DeviceKind Kind => DeviceKind.Cuda;

    public bool IsEmulated => gpu.Context.Device.IsEmulator;

    public string Description => gpu.Description;

    public double? MeasurePeak() => null;

    public int InferenceBatch => int.MaxValue;

    public AlgorithmChoice? Algorithms => gpu.Convolutions.Choice;

    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => new CudaImageSet(gpu, pixels, labels);

    public Activation CreateInput(Shape shape) => new CudaActivation(shape, Activation("x", shape));

    public Labels CreateLabels()
    {
        using var scope = gpu.Context.Enter();
        return new CudaLabels(gpu.Memory.Activation("labels", (plan.BatchSize + sizeof(float) - 1) / sizeof(float)));
    }

    public Activation CreateOutput(ConvNormSpec producer) => new CudaActivation(producer.Y, Activation($"{producer.Name} y", producer.Y));

    public Gradient CreateGradient(Shape shape) => new CudaGradient(shape, Activation("dx", shape));

    // The gradient of an identity's source always lies where dy does.
    public Gradient CreateShortcutGradient(ConvNormSpec spec) =>
        new CudaGradient(spec.S, spec.Shortcut == ShortcutKind.Identity ? gpu.Nothing : Activation($"{spec.Name} ds", spec.S));

    public ConvNormUnit CreateConvNorm(ConvNormSpec spec)
    {
        using var scope = gpu.Context.Enter();
        return new CudaConvNorm(gpu, spec);
    }

    public HeadUnit CreateHead(HeadSpec spec)
    {
        using var scope = gpu.Context.Enter();
        return new CudaHead(gpu, spec);
    }

    public AugmentUnit CreateAugment(AugmentSpec spec)
    {
        using var scope = gpu.Context.Enter();
        return new CudaAugment(gpu, spec);
    }

    public SgdUnit CreateSgd(SgdSpec spec)
    {
        using var scope = gpu.Context.Enter();
        return new CudaSgd(gpu, spec);
    }

    public void Allocate()
    {
        using var scope = gpu.Begin();
    }

    public void Run(Pass pass, Action<Pass> body) => gpu.Passes.Run(pass, body);

    public void Upload(int n, ReadOnlySpan<float> source, Activation destination)
    {
        using var scope = gpu.Begin();
        gpu.Stream.Upload(source[..(n * destination.Shape.Size)], ((CudaActivation)destination).Pointer);
    }

    public void Upload(ReadOnlySpan<byte> source, Labels destination)
    {
        using var scope = gpu.Begin();
        gpu.Stream.Upload(source, ((CudaLabels)destination).Pointer);
    }

    public void Upload(int n, ReadOnlySpan<double> source, Gradient destination)
    {
        using var scope = gpu.Begin();
        gpu.Write(source[..(n * destination.Shape.Size)], ((CudaGradient)destination).InOwnMemory().Pointer);
    }

    public void StartProfiler()
    {
        using var scope = gpu.Begin();
        gpu.Stream.Synchronize();
        CudaDriver.StartProfiler();
    }

    public void StopProfiler()
    {
        using var scope = gpu.Begin();
        gpu.Stream.Synchronize();
        CudaDriver.StopProfiler();
    }

    public void Dispose() => gpu.Dispose();

    private DeviceSlice Activation(string name, Shape shape)
    {
        using var scope = gpu.Context.Enter();
        return gpu.Memory.Activation(name, (long)plan.BatchSize * shape.Size);
    }
}
