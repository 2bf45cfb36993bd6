using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting.Figures;

/// <summary>Marks at round values.</summary>
internal static class Ticks
{
    /// <summary>Multiples of 1, 2 or 5 times a power of ten from <paramref name="min"/> to <paramref name="max"/>.</summary>
    /// <param name="min">The axis's start.</param>
    /// <param name="max">Its end, above <paramref name="min"/>.</param>
    /// <param name="count">About how many.</param>
    public static IReadOnlyList<Tick> Round(double min, double max, int count)
    {
        double step = Step((max - min) / count);
        var ticks = new List<Tick>();
        // Products, not sums, so that the labels do not collect rounding.
        for (long i = (long)Math.Ceiling(min / step - 1e-9); i * step <= max + step * 1e-9; i++) ticks.Add(new(i * step, Words.Text($"{Math.Round(i * step, 12):0.############}")));
        return ticks;
    }

    /// <summary>The next round value that is not below this one: the end of an axis.</summary>
    public static double Above(double value, int count)
    {
        double step = Step(value / count);
        return Math.Ceiling(value / step - 1e-9) * step;
    }

    private static double Step(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * ((rough / power) switch { <= 1.4 => 1, <= 3 => 2, <= 7 => 5, _ => 10 });
    }
}
