namespace CudnnResNet.Model;

/// <summary>Where the time of a network's steps went.</summary>
/// <param name="Steps">Steps measured.</param>
/// <param name="Seconds">Their time.</param>
/// <param name="Rows">
/// In forward order, each layer's two directions side by side, then the update; last <c>other</c>: the rest of the steps' time. The shares
/// add up to 1. Empty before the first step.
/// </param>
public sealed record ProfileReport(long Steps, double Seconds, IReadOnlyList<ProfileRow> Rows);

/// <summary>What one op took.</summary>
/// <param name="Op">The op.</param>
/// <param name="Calls">How often it ran.</param>
/// <param name="Images">Images it worked on.</param>
/// <param name="Seconds">Time of all its calls.</param>
/// <param name="Share">Of the steps' time, 0..1.</param>
public sealed record ProfileRow(OpWork Op, long Calls, long Images, double Seconds, double Share)
{
    /// <summary>Billions of floating-point operations a second, a multiply-add being two, as direct convolution counts them; null without any.</summary>
    public double? GflopsDirect => Rate(2 * Op.MultiplyAdds * Images);

    /// <summary>Those that the kernel executed.</summary>
    public double? GflopsExecuted => Rate(2 * Op.ExecutedMultiplyAdds * Images);

    /// <summary>Billions of bytes a second, counted as <see cref="OpWork.ImageBytes"/> and <see cref="OpWork.CallBytes"/> say; null without any.</summary>
    public double? GigabytesPerSecond => Rate(Op.ImageBytes * Images + Op.CallBytes * Calls);

    private double? Rate(long amount) => amount > 0 && Seconds > 0 ? amount / Seconds * 1e-9 : null;
}
