namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>A mean and a sum of squared deviations from it.</summary>
internal readonly record struct Moments(double Mean, double Deviations)
{
    /// <summary>Joins a further set of numbers to a mean and a sum of squared deviations (Chan, Golub, LeVeque 1979).</summary>
    /// <param name="count">Numbers already in mean and deviations.</param>
    /// <param name="more">The further set.</param>
    /// <param name="moreCount">Numbers in it.</param>
    public static void Join(ref double mean, ref double deviations, double count, Moments more, double moreCount)
    {
        double distance = more.Mean - mean, total = count + moreCount;
        mean += distance * moreCount / total;
        deviations += more.Deviations + distance * distance * count * moreCount / total;
    }
}
