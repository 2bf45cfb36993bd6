using CudnnResNet.Training.Data;

/// <summary>A data set of one's own: arrows that point up, right, down or left, of random place, size and colours.</summary>
internal static class Arrows
{
    private const int Size = 32, Plane = Size * Size;
    private static readonly string[] Names = ["up", "right", "down", "left"];

    /// <summary>Draws the set; the same counts always give the same images.</summary>
    public static DataSet Draw(int train, int test) => new("arrows", DrawAll(train, seed: 1), DrawAll(test, seed: 2), "drawn by TrainOwnData", Names);

    private static LabelledImages DrawAll(int count, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[count * LabelledImages.ImageBytes]; // (N, 3, 32, 32): for each image the red, the green and the blue plane
        var labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)(i % Names.Length);
            DrawOne(labels[i], random, pixels.AsSpan(i * LabelledImages.ImageBytes, LabelledImages.ImageBytes));
        }
        return new(pixels, labels, Names.Length);
    }

    private static void DrawOne(int direction, Random random, Span<byte> image)
    {
        int length = random.Next(8, 13), centreX = random.Next(length, Size - length), centreY = random.Next(length, Size - length);
        bool light = random.Next(2) == 0;
        Span<int> ink = [Shade(light), Shade(light), Shade(light)], paper = [Shade(!light), Shade(!light), Shade(!light)];
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                // Along the arrow and across it, whichever way it points.
                (int dx, int dy) = (x - centreX, y - centreY);
                (int along, int across) = direction switch { 0 => (-dy, dx), 1 => (dx, dy), 2 => (dy, dx), _ => (-dx, dy) };
                bool inShaft = along > -length && along <= 0 && Math.Abs(across) < 2, inHead = along > 0 && Math.Abs(across) < length - along;
                for (int c = 0; c < 3; c++) image[c * Plane + y * Size + x] = (byte)((inShaft || inHead ? ink[c] : paper[c]) + random.Next(-20, 21));
            }
        }

        int Shade(bool isLight) => isLight ? random.Next(150, 235) : random.Next(20, 105);
    }
}
