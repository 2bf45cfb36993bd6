using System.Globalization;

namespace CudnnResNet.Model;

/// <summary>Which device computes.</summary>
public enum DeviceKind
{
    /// <summary>cuda where it is usable, else cpu.</summary>
    Auto,

    /// <summary>Pure C#, SIMD, all cores.</summary>
    Cpu,

    /// <summary>cuDNN, cuBLAS and PTX kernels.</summary>
    Cuda,

    /// <summary>Scalar, double precision, slow: what everything else is compared with.</summary>
    Reference,
}

/// <summary>Which device computes, and how.</summary>
public sealed record DeviceOptions
{
    /// <summary>Which device.</summary>
    public DeviceKind Kind { get; init; } = DeviceKind.Auto;

    /// <summary>Threads of the cpu device, 1..256; 0 means one for each processor. The results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Register width of the cpu device: avx512, avx2 or vector128; null for the widest, or what <c>CUDNNRESNET_CPU_ISA</c> says.</summary>
    public string? CpuIsa { get; init; }

    /// <summary>
    /// The cpu device's algorithm for stride 1: winograd (F(4x4, 3x3): twice as fast), or direct (rounds half as much); null for
    /// what <c>CUDNNRESNET_CPU_CONVOLUTION</c> says, else winograd.
    /// </summary>
    public string? CpuConvolution { get; init; }

    /// <summary>Which GPU, for cuda.</summary>
    public int Ordinal { get; init; }

    /// <summary>What the cuda device may multiply with; every other device has <see cref="Precision.Fp32"/> only.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Whether the cuda device times cuDNN's deterministic algorithms and takes the fastest, instead of asking cuDNN's rules. The choice, and
    /// so the last bits of the results, may then differ from one time to the next: keep <see cref="ResNet.Algorithms"/>.
    /// </summary>
    public bool Autotune { get; init; }

    /// <summary>
    /// Whether the cuda device records each whole step and launches it as one graph. False: every kernel and library call by itself, as
    /// tools that look at single kernels need it. The results do not depend on it; other devices have no graphs.
    /// </summary>
    public bool Graph { get; init; } = true;

    /// <summary>The algorithms that the cuda device is to use where they are for its GPU, cuDNN and precision; null, and elsewhere: it chooses.</summary>
    public AlgorithmChoice? Algorithms { get; init; }

    /// <summary>Reads <c>auto</c>, <c>cpu</c>, <c>reference</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="InvalidSettingException">It is none of these.</exception>
    public static DeviceOptions Parse(string text)
    {
        if (text.StartsWith("cuda:", StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal))
            return new() { Kind = DeviceKind.Cuda, Ordinal = ordinal };
        return text.ToLowerInvariant() switch
        {
            "auto" => new(),
            "cpu" => new() { Kind = DeviceKind.Cpu },
            "cuda" => new() { Kind = DeviceKind.Cuda },
            "reference" => new() { Kind = DeviceKind.Reference },
            _ => throw new InvalidSettingException($"device {PrintableText.Quoted(text)} is not one of auto, cpu, cuda, cuda:N, reference"),
        };
    }
}
