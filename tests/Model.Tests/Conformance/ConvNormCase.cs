using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>Values that are likely to be handled wrongly.</summary>
internal enum Content
{
    /// <summary>Normally distributed everything, negative scales too.</summary>
    Random,

    /// <summary>Inputs around 10 rather than 0: variances that a careless formula loses.</summary>
    LargeMean,

    /// <summary>z of channel 0 is 0 and of channel 1 is 0.75 everywhere: no variance.</summary>
    ConstantChannels,

    /// <summary>Batch norm's scale is 0 in two channels: no gradient passes.</summary>
    ZeroScale,

    /// <summary>One NaN in one image.</summary>
    NaN,

    /// <summary>One infinity in one image.</summary>
    Infinity,
}

/// <summary>A unit of a case and where it reads from: activation 0.. of the case's inputs, then the outputs of its units.</summary>
internal sealed record Link(ConvNormSpec Spec, int X, int? S);

/// <summary>One row of the conformance table: units that are run forward and backward on a device and on Reference.</summary>
/// <param name="Name">For people.</param>
/// <param name="N">Images.</param>
/// <param name="Inputs">What is uploaded: x, and s of a single unit.</param>
/// <param name="Links">The units in forward order.</param>
internal sealed record ConvNormCase(string Name, int N, Shape[] Inputs, Link[] Links)
{
    public Content Content { get; init; } = Content.Random;

    public bool IsFinite => Content is not (Content.NaN or Content.Infinity);

    /// <summary>The activation that a unit writes.</summary>
    public int Output(int link) => Inputs.Length + link;

    public override string ToString() => Name;
}
