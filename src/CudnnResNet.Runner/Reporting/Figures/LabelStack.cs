namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>Moves the labels at the ends of curves apart where they would lie on each other.</summary>
internal static class LabelStack
{
    /// <summary>The places of labels, as near to those wanted as a distance between neighbours and the two bounds allow.</summary>
    /// <param name="wanted">Where each would be best, in any order and unit.</param>
    /// <param name="distance">The least distance between two.</param>
    /// <param name="low">No place is below this one, if there is room.</param>
    /// <param name="high">No place is above this one.</param>
    public static double[] Spread(IReadOnlyList<double> wanted, double distance, double low, double high)
    {
        int[] order = [.. Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i])];
        var places = new double[wanted.Count];
        // Blocks of labels that touch, each centred on what its members want.
        var blocks = new List<(int First, int Count, double Start)>();
        for (int i = 0; i < order.Length; i++)
        {
            var block = (First: i, Count: 1, Start: Bound(wanted[order[i]], 1));
            while (blocks.Count > 0 && blocks[^1].Start + blocks[^1].Count * distance > block.Start)
            {
                int first = blocks[^1].First, count = blocks[^1].Count + block.Count;
                blocks.RemoveAt(blocks.Count - 1);
                double centred = Enumerable.Range(0, count).Average(k => wanted[order[first + k]] - k * distance);
                block = (first, count, Bound(centred, count));
            }
            blocks.Add(block);
        }
        foreach (var (first, count, start) in blocks)
        {
            for (int k = 0; k < count; k++) places[order[first + k]] = start + k * distance;
        }
        return places;

        double Bound(double start, int count) => Math.Max(Math.Min(start, high - (count - 1) * distance), low);
    }
}
