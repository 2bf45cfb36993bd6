using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// A stand-in for CIFAR-10 that needs no download: ten classes of drawn shapes and textures with random place, size, slant,
/// colours, background and noise.
/// </summary>
/// <remarks>
/// Foreground and background have the same distribution in every class, so the mean colour says nothing about the class.
/// Everything is integer arithmetic on <see cref="Philox"/> words: the same bytes on every machine and for any number of threads.
/// Coordinates are sixteenths of a pixel; each pixel is sampled at four points, so that edges are smooth.
/// </remarks>
public static class Synthetic
{
    /// <summary>The data set's name on the command line and in run folders.</summary>
    public const string Name = "synthetic";

    /// <summary>Training images of the default set.</summary>
    public const int DefaultTrainCount = 10_000;

    /// <summary>Test images of the default set.</summary>
    public const int DefaultTestCount = 2_000;

    private const int Size = 32, Plane = Size * Size;
    private const int Unit = 16;               // coordinate steps per pixel
    private const int MinContrast = 120;       // between foreground and background, summed over the channels
    private const uint NoiseDraws = 1 << 16;   // the noise's draws begin here, far behind those of the drawing

    /// <summary>The names of labels 0 to 9.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["disc", "ring", "square", "triangle", "cross", "horizontal stripes", "vertical stripes", "diagonal stripes", "checkerboard", "dots"];

    /// <summary>Draws a data set whose classes are of equal size (image i has class i mod 10).</summary>
    /// <param name="trainCount">Training images, at least 1.</param>
    /// <param name="testCount">Test images, at least 1; never those of the training set.</param>
    /// <param name="seed">Which set; an image depends on the seed and its index only, not on the counts.</param>
    /// <exception cref="InvalidSettingException">A count below 1.</exception>
    public static DataSet Create(int trainCount = DefaultTrainCount, int testCount = DefaultTestCount, ulong seed = 0)
    {
        if (trainCount < 1 || testCount < 1)
            throw new InvalidSettingException($"a synthetic data set of {trainCount} training and {testCount} test images: both must be at least 1");
        return DataSet.BuiltIn(Name, DrawAll(trainCount, seed, set: 0), DrawAll(testCount, seed, set: 1), "drawn shapes and textures, not photographs", ClassNames);
    }

    private static LabelledImages DrawAll(int count, ulong seed, uint set)
    {
        var pixels = new byte[count * LabelledImages.ImageBytes];
        var labels = new byte[count];
        Parallel.For(0, count, i =>
        {
            labels[i] = (byte)(i % ClassNames.Count);
            DrawImage(labels[i], new SyntheticRandom(seed, (uint)i, set), pixels.AsSpan(i * LabelledImages.ImageBytes, LabelledImages.ImageBytes));
        });
        return new LabelledImages(pixels, labels);
    }

    /// <summary>Draws one image (3, 32, 32).</summary>
    private static void DrawImage(int label, SyntheticRandom random, Span<byte> image)
    {
        Span<int> ink = stackalloc int[3], paper = stackalloc int[3], rampX = stackalloc int[3], rampY = stackalloc int[3];
        DrawColours(ref random, ink, paper);
        for (int c = 0; c < 3; c++)
        {
            rampX[c] = random.Between(-2, 2);
            rampY[c] = random.Between(-2, 2);
        }
        var figure = new Figure(label, ref random);
        int noise = random.Between(8, 40);

        for (int y = 0; y < Size; y++)
            for (int x = 0; x < Size; x++)
            {
                int covered = figure.Coverage(x, y);
                for (int c = 0; c < 3; c++)
                {
                    int background = paper[c] + rampX[c] * (x - Size / 2) + rampY[c] * (y - Size / 2);
                    int value = (ink[c] * covered + background * (4 - covered)) / 4;
                    image[c * Plane + y * Size + x] = (byte)Math.Clamp(value, 0, 255);
                }
            }
        AddNoise(ref random, noise, image);
    }

    /// <summary>Two colours of one distribution, drawn again until they can be told apart.</summary>
    private static void DrawColours(ref SyntheticRandom random, Span<int> ink, Span<int> paper)
    {
        int contrast;
        do
        {
            contrast = 0;
            for (int c = 0; c < 3; c++)
            {
                ink[c] = random.Between(16, 239);
                paper[c] = random.Between(16, 239);
                contrast += Math.Abs(ink[c] - paper[c]);
            }
        }
        while (contrast < MinContrast);
    }

    /// <summary>Adds the difference of two random bytes, scaled, to every value: 16 bytes of a draw make 8 values.</summary>
    private static void AddNoise(ref SyntheticRandom random, int scale, Span<byte> image)
    {
        for (int i = 0; i < image.Length; i += 8)
        {
            var (a, b, c, d) = random.Words(NoiseDraws + (uint)(i / 8));
            AddNoise(a, scale, image[i..]);
            AddNoise(b, scale, image[(i + 2)..]);
            AddNoise(c, scale, image[(i + 4)..]);
            AddNoise(d, scale, image[(i + 6)..]);
        }
    }

    private static void AddNoise(uint word, int scale, Span<byte> values)
    {
        for (int i = 0; i < 2; i++, word >>= 16)
            values[i] = (byte)Math.Clamp(values[i] + ((int)(word & 255) - (int)(word >> 8 & 255)) * scale / 128, 0, 255);
    }

    /// <summary>One shape or texture in its place.</summary>
    private readonly struct Figure
    {
        private readonly int label, centreX, centreY, radius, slantX, slantY, period, phaseX, phaseY, diagonal;

        public Figure(int label, ref SyntheticRandom random)
        {
            this.label = label;
            radius = random.Between(6 * Unit, 12 * Unit);
            int room = Size * Unit / 2 - radius + Unit; // at most a pixel of it may leave the image
            centreX = Size * Unit / 2 + random.Between(-room, room);
            centreY = Size * Unit / 2 + random.Between(-room, room);
            slantX = random.Between(-12, 12);
            slantY = random.Between(-12, 12);
            period = random.Between(4 * Unit, 7 * Unit);
            phaseX = random.Between(0, period - 1);
            phaseY = random.Between(0, period - 1);
            diagonal = random.Between(0, 1) == 0 ? -1 : 1;
        }

        /// <summary>How many of a pixel's four points the figure covers.</summary>
        public int Coverage(int x, int y)
        {
            const int first = Unit / 4, second = 3 * Unit / 4;
            int left = x * Unit - centreX, top = y * Unit - centreY;
            return Covers(left + first, top + first) + Covers(left + second, top + first)
                + Covers(left + first, top + second) + Covers(left + second, top + second);
        }

        private int Covers(int dx, int dy)
        {
            int u = dx + dy * slantX / 64, v = dy + dx * slantY / 64, r = radius;
            int far = Math.Max(Math.Abs(u), Math.Abs(v)), near = Math.Min(Math.Abs(u), Math.Abs(v));
            int square = u * u + v * v;
            return label switch
            {
                0 => square < r * r,
                1 => square < r * r && square * 25 > r * r * 9,
                2 => far * 8 < r * 7,
                3 => v < r && Math.Abs(u) * 2 < v + r,
                4 => far < r && near * 3 < r,
                5 => far < r && Upper(v + phaseY),
                6 => far < r && Upper(u + phaseX),
                7 => far < r && Upper(u + diagonal * v + phaseX),
                8 => far < r && Upper(u + phaseX) != Upper(v + phaseY),
                _ => far < r && Dot(u + phaseX, v + phaseY),
            } ? 1 : 0;
        }

        private bool Upper(int t) => Wrap(t) * 2 >= period;

        private bool Dot(int u, int v)
        {
            int du = Wrap(u) * 2 - period, dv = Wrap(v) * 2 - period;
            return (du * du + dv * dv) * 9 < period * period * 4;
        }

        /// <summary>t modulo the period, never negative.</summary>
        private int Wrap(int t)
        {
            int rest = t % period;
            return rest < 0 ? rest + period : rest;
        }
    }
}
