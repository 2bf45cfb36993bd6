namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// Losses of our own, written down when Reference agreed with libtorch's double-precision runs to 1e-9: they hold Reference in place
/// where libtorch's files are not at hand, and Reference holds every device.
/// </summary>
internal static class SmallGoldenLosses
{
    /// <summary>The loss of the first and of the second step of <see cref="GoldenRun.OfSeed"/>.</summary>
    public static IReadOnlyList<(ArchitectureSpec Network, double First, double Second)> All { get; } =
    [
        (new(Architecture.ResNet, 8, ShortcutPadding.Trailing), 3.0637268753876916, 1.4195597286334731),
        (new(Architecture.ResNet, 8, ShortcutPadding.Centred), 3.032453334805449, 1.351849965232657),
        (new(Architecture.Plain, 8, ShortcutPadding.Trailing), 2.7376226342468124, 1.8973627732749423),
    ];
}
