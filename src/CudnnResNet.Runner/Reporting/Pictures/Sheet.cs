using SkiaSharp;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A PNG file of many small pictures in rows, each enlarged without smoothing, with lines of text below it.</summary>
internal static class Sheet
{
    private const int Margin = 16, Gap = 14, LineHeight = 17;
    private const float TitleSize = 18, TextSize = 13;

    /// <summary>A picture and the lines below it.</summary>
    internal readonly record struct Cell(Picture Picture, params string[] Lines);

    /// <summary>Draws and encodes it.</summary>
    /// <param name="title">Above the pictures: what they are, and every label of the run.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="cellSide">Pixels of an enlarged picture's side.</param>
    /// <param name="cells">The pictures.</param>
    public static byte[] Draw(string title, int columns, int cellSide, IReadOnlyList<Cell> cells)
    {
        using var titleFont = Lettering.Font(TitleSize);
        using var textFont = Lettering.Font(TextSize);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        int lines = cells.Select(cell => cell.Lines.Length).DefaultIfEmpty().Max(), rows = (cells.Count + columns - 1) / columns;
        float widestText = cells.SelectMany(cell => cell.Lines).Select(line => textFont.MeasureText(line)).DefaultIfEmpty().Max();
        int pitchX = (int)Math.Max(cellSide, Math.Ceiling(widestText)) + Gap, pitchY = cellSide + lines * LineHeight + Gap;
        int width = (int)Math.Max(columns * pitchX - Gap, Math.Ceiling(titleFont.MeasureText(title))) + 2 * Margin;
        int top = Margin + (int)TitleSize + Gap;
        return Png.Draw(width, top + Math.Max(1, rows) * pitchY - Gap + Margin, canvas =>
        {
            canvas.DrawText(title, Margin, Margin + TitleSize - 3, titleFont, ink);
            for (int i = 0; i < cells.Count; i++)
            {
                int x = Margin + i % columns * pitchX, y = top + i / columns * pitchY;
                cells[i].Picture.DrawTo(canvas, SKRect.Create(x, y, cellSide, cellSide));
                for (int line = 0; line < cells[i].Lines.Length; line++)
                    canvas.DrawText(cells[i].Lines[line], x, y + cellSide + (line + 1) * LineHeight - 3, textFont, ink);
            }
        });
    }
}
