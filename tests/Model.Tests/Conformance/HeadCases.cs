namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>Values that a head is likely to handle wrongly.</summary>
internal enum HeadContent
{
    /// <summary>Normally distributed.</summary>
    Random,

    /// <summary>All logits equal: the first class counts as the answer.</summary>
    EqualLogits,

    /// <summary>Logits of some thousands: exp overflows unless the largest is subtracted.</summary>
    LargeLogits,

    /// <summary>A NaN in the first image: its logits are NaN, it counts as wrong, the loss is NaN.</summary>
    NaN,
}

/// <summary>One row of the head's conformance table.</summary>
internal sealed record HeadCase(int N, Shape X, HeadContent Content, int Classes = ArchitectureSpec.Cifar10Classes)
{
    public string Name => $"{N}x{X} {Content}{(Classes == ArchitectureSpec.Cifar10Classes ? "" : $", {Classes} classes")}";
}

/// <summary>The head's conformance table.</summary>
internal static class HeadCases
{
    public static IReadOnlyList<HeadCase> All { get; } =
    [
        new(1, new(64, 8, 8), HeadContent.Random), new(3, new(64, 8, 8), HeadContent.Random), new(8, new(64, 8, 8), HeadContent.Random), new(128, new(64, 8, 8), HeadContent.Random),
        new(2, new(64, 1, 1), HeadContent.Random), new(3, new(64, 3, 5), HeadContent.Random),
        new(20, new(64, 8, 8), HeadContent.EqualLogits), new(8, new(64, 8, 8), HeadContent.LargeLogits), new(5, new(64, 8, 8), HeadContent.NaN),
        new(5, new(64, 8, 8), HeadContent.Random, 2), new(7, new(64, 8, 8), HeadContent.Random, 3), new(8, new(64, 8, 8), HeadContent.Random, 100),
        new(3, new(64, 8, 8), HeadContent.LargeLogits, ArchitectureSpec.MaxClasses),
    ];
}
