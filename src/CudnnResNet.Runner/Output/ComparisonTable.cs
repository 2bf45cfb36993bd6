using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>A comparison of layers as a table of 80 columns: one row for each layer, forward at the left and the worst gradient at the right.</summary>
internal static class ComparisonTable
{
    /// <summary>Two lines of head, a rule, a row for each layer.</summary>
    public static IEnumerable<string> Lines(LayerComparison comparison)
    {
        int width = comparison.Rows.Max(row => row.Layer.Length);
        string Join(string layer, string forward, string backward, string verdict) => $"{layer.PadRight(width)}  {forward,-23}  {backward,-31}  {verdict}".TrimEnd();
        yield return Join("", "forward: y", "backward: worst of dx, dw, db …", "");
        yield return Join("layer", "max abs   rel L2    tol", "tensor  max abs   rel L2    tol", "verdict");
        yield return Join(new string('-', width), new string('-', 23), new string('-', 31), "-------");
        foreach (var row in comparison.Rows)
        {
            var y = row.Find("y");
            var worst = row.Tensors.Where(tensor => tensor.Tensor != "y").MaxBy(Strain);
            string verdict = row.Passed ? "ok" : "BREACH " + string.Join(' ', row.Tensors.Where(tensor => !tensor.Passed).Select(tensor => tensor.Tensor));
            yield return Join(row.Layer, y is null ? "" : Figures(y), worst is null ? "" : $"{worst.Tensor,-6}  {Figures(worst)}", verdict);
        }
    }

    /// <summary>One line: the verdict, the worst figures, and both losses.</summary>
    public static string Summary(LayerComparison comparison)
    {
        int failed = comparison.Rows.Count(row => !row.Passed);
        var worst = comparison.Rows.SelectMany(row => row.Tensors.Select(tensor => (row.Layer, Tensor: tensor))).MaxBy(pair => Strain(pair.Tensor));
        string verdict = failed == 0 ? $"all {comparison.Rows.Count} layers agree with the reference" : $"BREACH in {failed} of {comparison.Rows.Count} layers";
        return Words.Text($"{verdict}; nearest to its tolerance: {worst.Tensor.Tensor} of {worst.Layer}, {Short(worst.Tensor.Difference.RelativeL2)} of {Short(worst.Tensor.Tolerance)}; loss {comparison.DeviceLoss:F6}, reference {comparison.ReferenceLoss:F6}");
    }

    /// <summary>How much of its tolerance a difference uses up; a NaN uses up all of it and more.</summary>
    private static double Strain(TensorComparison tensor) =>
        double.IsNaN(tensor.Difference.RelativeL2) ? double.PositiveInfinity : tensor.Difference.RelativeL2 / tensor.Tolerance;

    private static string Figures(TensorComparison tensor) =>
        $"{Short(tensor.Difference.MaxAbs),-7}  {Short(tensor.Difference.RelativeL2),-7}  {Tolerance(tensor.Tolerance),-5}";

    private static string Short(double value) => value == 0 ? "0" : value.ToString("0.0e-00", CultureInfo.InvariantCulture);

    private static string Tolerance(double value) => value.ToString("0e-00", CultureInfo.InvariantCulture);
}
