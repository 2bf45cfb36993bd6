using System.Globalization;
using CudnnResNet.Training;
using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A confusion matrix as a PNG file: true classes down, predictions across, counts in shaded cells.</summary>
internal static class ConfusionPicture
{
    private const int Margin = 16, CellWidth = 58, CellHeight = 34, NamesWidth = 130, TitleHeight = 34, HeadHeight = 96;
    private static readonly SKColor Right = new(0x2f, 0x7d, 0x4f), Wrong = new(0xb3, 0x37, 0x2f);

    /// <summary>Draws and encodes it.</summary>
    /// <param name="title">Above the matrix: what it is, and every label of the run.</param>
    /// <param name="confusion">The counts.</param>
    /// <param name="classNames">A name for each class.</param>
    public static byte[] Draw(string title, ConfusionMatrix confusion, IReadOnlyList<string> classNames)
    {
        using var titleFont = Lettering.Font(18);
        using var font = Lettering.Font(14);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        using var fill = new SKPaint();
        int classes = ConfusionMatrix.Classes, left = Margin + NamesWidth, top = Margin + TitleHeight + HeadHeight;
        int mostMissed = Math.Max(1, (from truth in Enumerable.Range(0, classes) from other in Enumerable.Range(0, classes) where truth != other select confusion[truth, other]).Max());
        int width = Math.Max(left + classes * CellWidth, Margin + (int)Math.Ceiling(titleFont.MeasureText(title))) + Margin;
        return Png.Draw(width, top + classes * CellHeight + Margin, canvas =>
        {
            canvas.DrawText(title, Margin, Margin + 16, titleFont, ink);
            for (int truth = 0; truth < classes; truth++)
            {
                int y = top + truth * CellHeight;
                canvas.DrawText(classNames[truth], left - 10, y + 22, SKTextAlign.Right, font, ink);
                canvas.Save();
                canvas.Translate(left + truth * CellWidth + CellWidth / 2f + 5, top - 8);
                canvas.RotateDegrees(-90);
                canvas.DrawText(classNames[truth], 0, 0, font, ink);
                canvas.Restore();
                for (int prediction = 0; prediction < classes; prediction++)
                {
                    int count = confusion[truth, prediction];
                    double share = truth == prediction ? count / (double)Math.Max(1, confusion.ImagesOf(truth)) : count / (double)mostMissed;
                    // Under half of full colour, black counts stay readable.
                    fill.Color = (truth == prediction ? Right : Wrong).WithAlpha((byte)(0.45 * 255 * share));
                    int x = left + prediction * CellWidth;
                    canvas.DrawRect(SKRect.Create(x, y, CellWidth - 1, CellHeight - 1), fill);
                    canvas.DrawText(count.ToString("N0", CultureInfo.InvariantCulture), x + CellWidth - 9, y + 22, SKTextAlign.Right, font, ink);
                }
            }
        });
    }
}
