using CudnnResNet.Model;
using CudnnResNet.VirtualGpu.Ptx;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>Each kernel of the project once, on small input, against plain C#.</summary>
[TestClass]
public sealed class ProjectKernelTests : IDisposable
{
    private readonly TestMemory memory = new();
    private readonly Random random = new(3);

    public void Dispose() => memory.Dispose();

    [TestMethod]
    [DataRow(0, 1, true)]
    [DataRow(1, 0, false)]
    [DataRow(2, 1, false)]
    public void Training_images_are_cropped_mirrored_and_normalised(int crop, int flip, bool withMean)
    {
        const int images = 5, n = 3, position = 1, epoch = 4;
        const ulong seed = 0x1234_5678_9ABC_DEF0;
        byte[] pixels = Bytes(images * 3072), labels = Bytes(images);
        int[] order = [4, 0, 3, 1, 2];
        float[] table = Floats(768), mean = Floats(3072);
        ulong x = memory.Allocate(n * 3072 * 4), y = memory.Allocate(n);
        ProjectKernel.Run("augment", "augment_training_forward", new(3, n, 1), 256, memory, New(pixels), New(labels), New(order), New(table), withMean ? New(mean) : 0UL,
            New(ProjectKernel.State(position: position, epoch: epoch)), seed, crop, flip, x, y);

        for (int i = 0; i < n; i++)
        {
            int sample = order[position + i];
            var words = Philox.Draw(seed, (uint)sample, epoch, RandomPurpose.Crop);
            int corner = Philox.Below(words.A, 5);
            var (dy, dx) = crop switch
            {
                0 => (Philox.Below(words.A, 9) - 4, Philox.Below(words.B, 9) - 4),
                1 when corner < 4 => (corner < 2 ? -4 : 4, corner % 2 == 0 ? -4 : 4),
                _ => (0, 0),
            };
            bool mirror = flip != 0 && Philox.Draw(seed, (uint)sample, epoch, RandomPurpose.Flip).A >= 0x8000_0000;
            CollectionAssert.AreEqual(Pixels(pixels.AsSpan(sample * 3072, 3072), table, withMean ? mean : [], dy, dx, mirror), memory.Get<float>(x + (ulong)i * 3072 * 4, 3072), $"image {i}");
        }
        CollectionAssert.AreEqual(order[position..(position + n)].Select(sample => labels[sample]).ToArray(), memory.Get<byte>(y, n));
    }

    [TestMethod]
    public void Inference_images_are_normalised()
    {
        byte[] pixels = Bytes(4 * 3072), labels = Bytes(4);
        float[] table = Floats(768), mean = Floats(3072);
        ulong x = memory.Allocate(2 * 3072 * 4), y = memory.Allocate(2);
        ProjectKernel.Run("augment", "augment_inference_forward", new(3, 2, 1), 256, memory, New(pixels), New(labels), New(table), New(mean), New(ProjectKernel.State(position: 2)), x, y);
        for (int i = 0; i < 2; i++) CollectionAssert.AreEqual(Pixels(pixels.AsSpan((2 + i) * 3072, 3072), table, mean, 0, 0, false), memory.Get<float>(x + (ulong)i * 3072 * 4, 3072));
        CollectionAssert.AreEqual(labels[2..], memory.Get<byte>(y, 2));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(1024)]
    [DataRow(1027)]
    public void Relu_and_join_forward_and_backward(int count)
    {
        float[] a = Floats(count), s = Floats(count);
        a[0] = float.NaN;
        if (count > 4) (a[3], s[3], a[4]) = (-0f, 0f, float.NegativeInfinity);
        var grid = new Dim3((uint)(count + 1023) / 1024, 1, 1);
        ulong y = memory.Allocate(count * 4);

        ProjectKernel.Run("join", "relu_forward", grid, 256, memory, New(a), count, y);
        CollectionAssert.AreEqual(a.Select(Relu).ToArray(), memory.Get<float>(y, count));
        ProjectKernel.Run("join", "add_relu_forward", grid, 256, memory, New(a), New(s), count, y);
        CollectionAssert.AreEqual(a.Zip(s, (p, q) => Relu(p + q)).ToArray(), memory.Get<float>(y, count));
        ProjectKernel.Run("join", "relu_backward", grid, 256, memory, New(a), New(s), count, y);
        CollectionAssert.AreEqual(a.Zip(s, (p, q) => p <= 0 ? 0 : q).ToArray(), memory.Get<float>(y, count));
    }

    [TestMethod]
    [DataRow(4, 8, 0, 1)]
    [DataRow(4, 8, 2, 1)]
    [DataRow(3, 6, 0, 1)]
    [DataRow(5, 4, 1, 1)]
    [DataRow(4, 8, 0, 2)]
    [DataRow(3, 6, 0, 2)]
    public void Downsampling_shortcuts_forward_and_backward(int side, int k, int offset, int phases)
    {
        const int n = 3;
        int c = k / 2, plane = side * side;
        float[] a = Floats(n * k * plane), s = Floats(n * c * 4 * plane), g = Floats(n * k * plane);
        var y = new float[a.Length];
        var ds = new float[s.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int column = i % side, row = i / side % side, added = i / plane % k - offset, image = i / plane / k;
            bool adds = added >= 0 && added < phases * c;
            int phase = added / c, from = ((image * c + added % c) * 2 * side + 2 * row + phase) * 2 * side + 2 * column + phase;
            y[i] = Relu(adds ? a[i] + s[from] : a[i]);
            if (adds) ds[from] = g[i];
        }

        ulong actual = memory.Allocate(y.Length * 4), gradient = memory.Allocate(ds.Length * 4);
        int rows = n * k * side, dsRows = n * c * 2 * side;
        ProjectKernel.Run("join", "downsample_add_relu_forward", Grid(rows * ((side + 3) / 4)), 256, memory, New(a), New(s), rows, k, c, offset, phases, side, side, actual);
        CollectionAssert.AreEqual(y, memory.Get<float>(actual, y.Length));
        ProjectKernel.Run("join", "downsample_backward", Grid(dsRows * ((2 * side + 3) / 4)), 256, memory, New(g), dsRows, k, c, offset, phases, side, side, gradient);
        CollectionAssert.AreEqual(ds, memory.Get<float>(gradient, ds.Length));
    }

    [TestMethod]
    public void Weights_are_updated_and_the_first_that_is_not_finite_is_recorded()
    {
        const int count = 2000, step = 2;
        const float momentum = 0.9f, decay = 1e-4f;
        float[] g = Floats(count), v = Floats(count), w = Floats(count), rates = [0.1f, 0.2f, 0.05f];
        int[] ends = [100, 800, 1600, count, 16, 40]; // four parameters, two running statistics
        float[] statistics = Floats(40);
        (g[1700], g[801]) = (float.NaN, float.PositiveInfinity);
        ulong vs = New(v), ws = New(w), state = New(ProjectKernel.State(step: step, position: 7, updates: 5));
        ProjectKernel.Run("sgd", "sgd_update", Grid(count / 4), 256, memory, New(g), New(rates), New(ends), 4, New(statistics), statistics.Length, 2, count, momentum, decay, vs, ws, state);

        for (int i = 0; i < count; i++)
        {
            v[i] = MathF.FusedMultiplyAdd(momentum, v[i], MathF.FusedMultiplyAdd(decay, w[i], g[i]));
            w[i] = MathF.FusedMultiplyAdd(-rates[step], v[i], w[i]);
        }
        CollectionAssert.AreEqual(v, memory.Get<float>(vs, count));
        CollectionAssert.AreEqual(w, memory.Get<float>(ws, count));
        Assert.AreEqual((5UL << 32) | 2, memory.Get<ulong>(state + 16, 1)[0]);

        statistics[20] = float.NegativeInfinity;
        ulong other = New(ProjectKernel.State(updates: 6));
        ProjectKernel.Run("sgd", "sgd_update", Grid(count / 4), 256, memory, New(new float[count]), New(rates), New(ends), 4, New(statistics), statistics.Length, 2, count, momentum, decay, New(new float[count]), New(Floats(count)), other);
        Assert.AreEqual((6UL << 32) | 5, memory.Get<ulong>(other + 16, 1)[0], "a running statistic, counted after the parameters");

        ProjectKernel.Run("sgd", "step_advance", new(1, 1, 1), 1, memory, 128, state);
        CollectionAssert.AreEqual(new[] { step + 1, 7 + 128, 0, 6 }, memory.Get<int>(state, 4));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(80)]
    [DataRow(300)]
    public void Softmax_cross_entropy_forward_and_backward(int n)
    {
        float[] logits = [.. Floats(n * 10).Select(value => 6 * value)];
        if (n > 40) (logits[7], logits[31], logits[50]) = (-900, float.NaN, 80);
        byte[] labels = [.. Enumerable.Range(0, n).Select(i => (byte)(i * 7 % 10))];
        ulong z = New(logits), y = New(labels), dz = memory.Allocate(n * 40);
        foreach (bool withNaN in new[] { false, true })
        {
            float[] now = [.. logits.Select(value => float.IsNaN(value) && !withNaN ? 0 : value)];
            z = New(now);
            ulong state = New(ProjectKernel.State(images: 10, correct: 3, lossSum: 1.5));
            ProjectKernel.Run("softmax_cross_entropy", "softmax_cross_entropy_forward", new(1, 1, 1), 128, memory, z, y, n, 10, state);
            ProjectKernel.Run("softmax_cross_entropy", "softmax_cross_entropy_backward", new((uint)(n + 127) / 128, 1, 1), 128, memory, z, y, n, 10, dz);
            float[] gradient = memory.Get<float>(dz, n * 10);

            double loss = 1.5;
            long correct = 3;
            for (int i = 0; i < n; i++)
            {
                double[] row = [.. now.AsSpan(i * 10, 10).ToArray().Select(value => (double)value)];
                double largest = row.Max(), sum = row.Sum(value => Math.Exp(value - largest));
                bool anyNaN = Array.Exists(row, double.IsNaN);
                loss += anyNaN ? double.NaN : largest + Math.Log(sum) - row[labels[i]];
                if (!anyNaN && Array.IndexOf(row, largest) == labels[i]) correct++;
                for (int j = 0; j < 10; j++)
                {
                    double wanted = (Math.Exp(row[j] - largest) / sum - (j == labels[i] ? 1 : 0)) / n;
                    if (anyNaN) Assert.IsTrue(float.IsNaN(gradient[i * 10 + j]));
                    else Assert.AreEqual(wanted, gradient[i * 10 + j], 1e-7 * Math.Abs(wanted) + 1e-12, $"image {i}, class {j}");
                }
            }
            double lossSum = memory.Get<double>(state + 40, 1)[0];
            if (double.IsNaN(loss)) Assert.IsTrue(double.IsNaN(lossSum));
            else Assert.AreEqual(loss, lossSum, loss * 1e-13);
            CollectionAssert.AreEqual(new[] { 10L + n, correct }, memory.Get<long>(state + 24, 2));
        }
    }

    private ulong New<T>(T[] values) where T : unmanaged => memory.Allocate<T>(values);

    private static Dim3 Grid(int threads) => new((uint)(threads + 255) / 256, 1, 1);

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];

    private static float Relu(float x) => x < 0 ? 0 : x;

    private static float[] Pixels(ReadOnlySpan<byte> image, float[] table, float[] mean, int dy, int dx, bool mirror)
    {
        var x = new float[3072];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i / 1024, row = i / 32 % 32 + dy, column = (mirror ? 31 - i % 32 : i % 32) + dx;
            bool inside = row is >= 0 and < 32 && column is >= 0 and < 32;
            int from = c * 1024 + row * 32 + column;
            x[i] = !inside ? (mean.Length > 0 ? 0 : table[c * 256]) : table[c * 256 + image[from]] - (mean.Length > 0 ? mean[from] : 0);
        }
        return x;
    }
}
