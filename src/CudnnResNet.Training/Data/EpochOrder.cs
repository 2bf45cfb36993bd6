using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// The order in which an epoch visits the training images: a Fisher-Yates shuffle whose draws depend on the seed, the epoch and
/// the position only, so that any epoch's order can be had at any time and a resumed run needs no saved state.
/// </summary>
public static class EpochOrder
{
    /// <summary>A permutation of 0..<paramref name="count"/>-1.</summary>
    public static int[] Create(int count, int epoch, ulong seed)
    {
        var order = new int[count];
        Fill(order, epoch, seed);
        return order;
    }

    /// <summary>Overwrites <paramref name="order"/> with a permutation of its indices.</summary>
    public static void Fill(Span<int> order, int epoch, ulong seed) => Shuffle(order, epoch, seed, RandomPurpose.Order);

    /// <summary>Position i, from the last to the second, changes places with a random one of 0..i; counter (i, epoch, purpose, 0).</summary>
    internal static void Shuffle(Span<int> order, int epoch, ulong seed, RandomPurpose purpose)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = Philox.Below(Philox.Draw(seed, (uint)i, (uint)epoch, purpose).A, i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
