using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The cpu device: pure C#, SIMD, all cores, the same bytes for any number of threads.</summary>
internal static class CpuDevice
{
    /// <summary>Forces a register width: <c>avx512</c>, <c>avx2</c> or <c>vector128</c>.</summary>
    public const string IsaVariable = "CUDNNRESNET_CPU_ISA";

    /// <summary>Chooses the convolution's algorithm: <c>winograd</c> where it fits (the default), or <c>direct</c> everywhere.</summary>
    public const string ConvolutionVariable = "CUDNNRESNET_CPU_CONVOLUTION";

    /// <summary>The register widths, widest first: fewer instructions for the same work, and no machine is known where a narrower one wins.</summary>
    private static readonly (string Name, string Text, bool Supported, Func<NetworkPlan, CpuSettings, string, IDevice> Open)[] Widths =
    [
        ("avx512", "AVX-512, 16 floats", Vector512.IsHardwareAccelerated, (plan, settings, text) => new CpuDevice<Lanes512>(plan, settings, text)),
        ("avx2", "AVX2 with FMA, 8 floats", Vector256.IsHardwareAccelerated && Fma.IsSupported, (plan, settings, text) => new CpuDevice<Lanes256>(plan, settings, text)),
        ("vector128", HasFma ? "128 bits, 4 floats" : "128 bits, 4 floats, no FMA (very slow)", true, (plan, settings, text) => new CpuDevice<Lanes128>(plan, settings, text)),
    ];

    // Without it each multiply-add is a call: a program compiled ahead of time for SSE4.2 only comes to this, and old processors.
    private static bool HasFma => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>Opens the device.</summary>
    /// <exception cref="DeviceUnavailableException">The processor lacks the instructions asked for, or what is asked for is unknown.</exception>
    public static IDevice Open(NetworkPlan plan, DeviceOptions options)
    {
        string? isa = options.CpuIsa ?? Variable(IsaVariable), convolution = options.CpuConvolution ?? Variable(ConvolutionVariable);
        if (convolution is not (null or "direct" or "winograd"))
            throw new DeviceUnavailableException($"cpu convolution '{convolution}' is not one of direct, winograd");
        var settings = new CpuSettings(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, convolution != "direct");
        foreach (var width in Widths)
        {
            if (isa is null ? width.Supported : width.Name == isa)
            {
                if (!width.Supported) throw new DeviceUnavailableException($"cpu instruction set {isa}: {(RuntimeFeature.IsDynamicCodeCompiled ? "this processor has" : "this processor, or this program as it was compiled, has")} no {width.Text}");
                string threads = $"{settings.Threads} {(settings.Threads == 1 ? "thread" : "threads")}";
                return width.Open(plan, settings, $"cpu, {threads}, {width.Text}{(isa is null ? "" : " (as asked for)")}{(convolution is null ? "" : $", {convolution} convolution")}");
            }
        }
        throw new DeviceUnavailableException($"cpu instruction set '{isa}' is not one of {string.Join(", ", Widths.Select(width => width.Name))}");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>How the cpu device works.</summary>
/// <param name="Threads">Threads, at least 1.</param>
/// <param name="Winograd">Whether convolutions are Winograd's where it fits.</param>
internal sealed record CpuSettings(int Threads, bool Winograd);

/// <inheritdoc cref="CpuDevice"/>
internal sealed class CpuDevice<TLanes>(NetworkPlan plan, CpuSettings settings, string description) : IDevice where TLanes : struct, ILanes<TLanes>
{
    private readonly CpuContext context = new(plan, settings);

    public DeviceKind Kind => DeviceKind.Cpu;

    public bool IsEmulated => false;

    public string Description { get; } = description;

    public double? MeasurePeak() => FmaPeak<TLanes>.Measure(context.Pool);

    public int InferenceBatch => CpuContext.ImagesOfThread * settings.Threads;

    public AlgorithmChoice? Algorithms => null;

    /// <summary>The threads.</summary>
    public WorkPool Pool => context.Pool;

    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => new CpuImageSet(pixels, labels);

    public Activation CreateInput(Shape shape) => new CpuActivation(context.Memory, shape, plan.BatchSize, keepsY: false);

    public Labels CreateLabels() => new CpuLabels(context.Memory, plan.BatchSize);

    public Activation CreateOutput(ConvNormSpec producer) =>
        new CpuActivation(context.Memory, producer.Y, plan.BatchSize, KeepsY(producer));

    public Gradient CreateGradient(Shape shape) => new CpuGradient(context.Memory, shape, plan.BatchSize);

    public Gradient CreateShortcutGradient(ConvNormSpec spec) => new CpuShortcutGradient(spec);

    public ConvNormUnit CreateConvNorm(ConvNormSpec spec) => new CpuConvNorm<TLanes>(context, spec);

    public HeadUnit CreateHead(HeadSpec spec) => new CpuHead<TLanes>(context, spec);

    public AugmentUnit CreateAugment(AugmentSpec spec) => new CpuAugment(context, spec);

    public SgdUnit CreateSgd(SgdSpec spec) => new CpuSgd<TLanes>(context, spec);

    public void Allocate() => context.Memory.Require(plan.BatchSize);

    public void Run(Pass pass, Action<Pass> body) => body(pass);

    public unsafe void Upload(int n, ReadOnlySpan<float> source, Activation destination)
    {
        context.Deferred.Run();
        var activation = CpuActivation.Of(destination);
        if (activation.Shape.C % Blocked.Lanes != 0) source.CopyTo(new(activation.Z, source.Length));
        else HostCopy.Write(activation.Shape, n, source, activation.Z);
        activation.SetValues();
    }

    public unsafe void Upload(ReadOnlySpan<byte> source, Labels destination) =>
        source.CopyTo(new(((CpuLabels)destination).Values, plan.BatchSize));

    public unsafe void Upload(int n, ReadOnlySpan<double> source, Gradient destination)
    {
        var gradient = (CpuGradient)destination;
        HostCopy.Write(gradient.Shape, n, source, gradient.Values);
        gradient.IsMasked = false;
    }

    public void Dispose() => context.Dispose();

    /// <summary>Whether y is stored beside z. Without training, outputs serve one unit after another, so that any of them may be a shortcut's source.</summary>
    private bool KeepsY(ConvNormSpec producer) => plan.Training ? producer.Shortcut != ShortcutKind.None || IsShortcutSource(producer) : plan.BatchStatistics;

    /// <summary>Whether the unit's output is what the second unit of the block behind it adds.</summary>
    private bool IsShortcutSource(ConvNormSpec producer)
    {
        int second = plan.ConvNorms.TakeWhile(unit => unit != producer).Count() + 2;
        return second < plan.ConvNorms.Count && plan.ConvNorms[second].Shortcut != ShortcutKind.None;
    }
}
