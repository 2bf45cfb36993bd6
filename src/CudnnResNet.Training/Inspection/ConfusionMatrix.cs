using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>How many images of each class a network takes for each class.</summary>
public sealed class ConfusionMatrix
{
    /// <summary>Rows and columns: 10.</summary>
    public const int Classes = LabelledImages.ClassCount;

    private readonly int[,] counts = new int[Classes, Classes]; // (truth, prediction)

    /// <summary>Images of class <paramref name="truth"/> that were taken for <paramref name="prediction"/>.</summary>
    public int this[int truth, int prediction] => counts[truth, prediction];

    /// <summary>Images counted.</summary>
    public int Images { get; private set; }

    /// <summary>Images off the diagonal.</summary>
    public int Wrong { get; private set; }

    /// <summary>Fraction wrong, 0..1; NaN where no image was counted.</summary>
    public double Error => Fraction(Wrong, Images);

    /// <summary>Images of a class.</summary>
    public int ImagesOf(int truth) => Enumerable.Range(0, Classes).Sum(prediction => counts[truth, prediction]);

    /// <summary>Fraction of a class's images that were taken for another class, 0..1; NaN where the class has no image.</summary>
    public double ErrorOf(int truth) => Fraction(ImagesOf(truth) - counts[truth, truth], ImagesOf(truth));

    internal void Add(int truth, int prediction)
    {
        counts[truth, prediction]++;
        Images++;
        if (truth != prediction) Wrong++;
    }

    private static double Fraction(int part, int whole) => whole == 0 ? double.NaN : (double)part / whole;
}
