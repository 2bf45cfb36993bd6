namespace CudnnResNet.Model;

/// <summary>
/// Totals that were asked for with <see cref="ResNet.RequestTotals"/>: those after the work given to the device until then, which it may
/// still be busy with.
/// </summary>
public abstract class PendingTotals
{
    /// <summary>Requests that may be open, asked for and not read, at a time: a device keeps the answers to no more.</summary>
    public const int MostOpen = 2;

    internal PendingTotals() { }

    /// <summary>Whether the device has come so far.</summary>
    public abstract bool AreThere { get; }

    /// <summary>The totals; waits for the device where it has to. To be called once, in the order of the requests.</summary>
    public abstract Totals Read();

    /// <summary>The answer of a device that is never behind.</summary>
    internal static PendingTotals Known(Totals totals) => new KnownTotals(totals);

    private sealed class KnownTotals(Totals totals) : PendingTotals
    {
        public override bool AreThere => true;

        public override Totals Read() => totals;
    }
}
