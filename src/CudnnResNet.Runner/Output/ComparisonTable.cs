using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>A comparison of layers as a table of 80 columns: one row for each layer, y at the left and the worst of its other tensors at the right.</summary>
internal static class ComparisonTable
{
    /// <summary>What is compared with what, in the words of the table.</summary>
    public static IReadOnlyList<string> Explanation { get; } =
    [
        "each layer by itself: the reference's begins from the device's own inputs",
        $"largest: an element's error in root mean squares of its tensor, at most {Short(LayerComparison.Tolerance)}",
        "kinks: elements that ReLU lets through on one side only, within rounding of 0",
    ];

    /// <summary>Two lines of head, a rule, a row for each layer.</summary>
    public static IEnumerable<string> Lines(LayerComparison comparison)
    {
        int width = comparison.Rows.Max(row => row.Layer.Length);
        string Join(string layer, string y, string others, string kinks, string verdict) => $"{layer.PadRight(width)}  {y,-16}  {others,-30}  {kinks,5}  {verdict}".TrimEnd();
        yield return Join("", "y", "worst of its other tensors", "", "");
        yield return Join("layer", "largest   rel L2", "tensor        largest   rel L2", "kinks", "verdict");
        yield return Join(new string('-', width), new string('-', 16), new string('-', 30), "-----", "-------");
        foreach (var row in comparison.Rows)
        {
            var worst = row.Tensors.Where(tensor => tensor.Tensor != "y").MaxBy(Largest)!;
            yield return Join(row.Layer, Figures(row.Find("y")!), $"{worst.Tensor,-12}  {Figures(worst)}", $"{row.Kinks}", row.Passed ? "ok" : Breach(row));
        }
    }

    /// <summary>One line: the verdict, the worst figure, and the free-running loss and logits.</summary>
    public static string Summary(LayerComparison comparison)
    {
        int failed = comparison.Rows.Count(row => !row.Passed);
        var worst = comparison.Rows.SelectMany(row => row.Tensors.Select(tensor => (row.Layer, Tensor: tensor))).MaxBy(pair => Largest(pair.Tensor));
        string verdict = failed == 0 ? $"all {comparison.Rows.Count} layers agree with the reference" : $"BREACH in {failed} of {comparison.Rows.Count} layers";
        return Words.Text($"{verdict}; worst: {worst.Tensor.Tensor} of {worst.Layer}, {Short(worst.Tensor.Difference.MaxByRms)} of {Short(LayerComparison.Tolerance)}; running freely: loss {comparison.DeviceLoss:F6}, reference {comparison.ReferenceLoss:F6}, logits {Short(comparison.Logits.RelativeL2)} apart");
    }

    private static string Breach(LayerComparisonRow row)
    {
        var breaches = row.Tensors.Where(tensor => !tensor.Passed).Select(tensor => tensor.Tensor);
        return "BREACH " + string.Join(' ', row.Kinks > row.MostKinks ? breaches.Append($"kinks (at most {row.MostKinks})") : breaches);
    }

    /// <summary>What the verdict is about; a NaN is worse than everything else.</summary>
    private static double Largest(TensorComparison tensor) => double.IsNaN(tensor.Difference.MaxByRms) ? double.PositiveInfinity : tensor.Difference.MaxByRms;

    private static string Figures(TensorComparison tensor) => $"{Short(tensor.Difference.MaxByRms),-7}  {Short(tensor.Difference.RelativeL2),-7}";

    private static string Short(double value) => value == 0 ? "0" : value.ToString("0.0e-00", CultureInfo.InvariantCulture);
}
