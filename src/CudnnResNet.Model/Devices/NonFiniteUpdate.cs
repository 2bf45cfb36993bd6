namespace CudnnResNet.Model;

/// <summary>The first update that met a gradient or weight that is not finite.</summary>
/// <param name="Step">Its step within the epoch, 0-based; null where the device does not keep it: it is then the last one.</param>
/// <param name="Tensor">The parameter's state-dict name; null where the device does not keep it.</param>
public sealed record NonFiniteUpdate(int? Step, string? Tensor)
{
    /// <summary>That of a device that keeps neither.</summary>
    internal static NonFiniteUpdate Last { get; } = new(null, null);
}
