using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>Loss sum, hits and gradient of the logits against Reference.</summary>
[TestClass]
public sealed class SoftmaxCrossEntropyConformanceTests
{
    private const int Classes = HeadSpec.Classes;

    /// <summary>Logits that are likely to be handled wrongly.</summary>
    public enum Logits
    {
        /// <summary>Normally distributed.</summary>
        Random,

        /// <summary>Small whole numbers, both zeros among them; in some rows all are equal.</summary>
        Ties,

        /// <summary>-1e4, 0 and 1e4: exp overflows unless the largest is subtracted, and underflows then.</summary>
        Extreme,

        /// <summary>Differences at which exponentials become subnormal and then 0, in float and in double.</summary>
        Underflow,

        /// <summary>A NaN in one row, another place in each batch.</summary>
        NaN,

        /// <summary>Infinities of both signs.</summary>
        Infinite,
    }

    public static IEnumerable<object[]> FastCases =>
    [
        .. from n in new[] { 1, 3, 80, 128 } from logits in Enum.GetValues<Logits>() select new object[] { n, logits },
        // Around the block, and more than two of them.
        .. from n in new[] { 31, 32, 33, 127, 129, 300 } select new object[] { n, Logits.Random },
    ];

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Agrees_with_reference(int n, Logits logits) => Check([n, n, (n + 1) / 2], logits);

    [TestMethod]
    [TestCategory("Long")]
    public void A_whole_epoch_adds_up() => Check([.. Enumerable.Repeat(128, 78), 16], Logits.Random);

    /// <summary>Batches one after another, whose totals add up, beginning with those of an epoch that was interrupted.</summary>
    private static void Check(int[] batches, Logits kind)
    {
        float[][] logits = [.. batches.Select((n, i) => Values(n, kind, $"{kind} {n} {i}"))];
        byte[][] labels = [.. batches.Select((n, i) => TestData.Bytes(n, $"labels {n} {i}", Classes))];
        var start = StepState.Start(2) with { Images = 1000, Correct = 123, LossSum = 1234.5 };

        var outputs = KernelGpu.Run((gpu, results) =>
        {
            DevicePointer state = gpu.Upload(start);
            for (int i = 0; i < batches.Length; i++)
            {
                DevicePointer z = gpu.Upload<float>(logits[i]), y = gpu.Upload<byte>(labels[i]), dz = gpu.Empty<float>(logits[i].Length);
                gpu.SoftmaxCrossEntropy.Forward(gpu.Stream, batches[i], z, y, state);
                gpu.SoftmaxCrossEntropy.Backward(gpu.Stream, batches[i], z, y, dz);
                results.Add($"dlogits {i}", gpu.Read<float>(dz, logits[i].Length));
                results.Add($"state {i}", gpu.Read<StepState>(state, 1));
            }
        });

        var totals = start.Totals;
        double magnitude = totals.LossSum;
        double[] probabilities = new double[Classes], expected = new double[Classes];
        for (int i = 0; i < batches.Length; i++)
        {
            float[] dlogits = outputs.Get<float>($"dlogits {i}");
            for (int image = 0; image < batches[i]; image++)
            {
                double[] row = TestData.Wide(logits[i][(image * Classes)..((image + 1) * Classes)]);
                int label = labels[i][image];
                var (loss, hit) = SoftmaxCrossEntropy.Forward(row, label, probabilities);
                totals = new(totals.Images + 1, totals.LossSum + loss, totals.Correct + (hit ? 1 : 0));
                magnitude += Math.Abs(row.Max()) + Math.Log(Classes) + Math.Abs(row[label]);
                SoftmaxCrossEntropy.Backward(probabilities, label, batches[i], expected);
                Bounds.Check($"dlogits of batch {i}, image {image}", dlogits.AsSpan(image * Classes, Classes), expected, j => Bounds.LogitGradient(expected[j], batches[i]));
            }
            var state = outputs.Get<StepState>($"state {i}")[0];
            Assert.AreEqual((totals.Images, totals.Correct), (state.Images, state.Correct), $"images and hits after batch {i}");
            if (double.IsFinite(totals.LossSum))
                Assert.AreEqual(totals.LossSum, state.LossSum, Bounds.LossSum(magnitude, totals.Images - start.Images), $"loss sum after batch {i}");
            else Assert.AreEqual(totals.LossSum, state.LossSum, $"loss sum after batch {i}");
            // The rest of the record is for others to write.
            Assert.AreEqual(start, state with { Images = start.Images, Correct = start.Correct, LossSum = start.LossSum });
        }
    }

    private static float[] Values(int n, Logits kind, string stream)
    {
        float[] normal = TestData.Normal(n * Classes, stream, 4);
        byte[] choice = TestData.Bytes(n * Classes, $"{stream} choice", 12);
        for (int i = 0; i < normal.Length; i++)
        {
            bool chosen = choice[i] == 0, equal = i / Classes % 3 == 0;
            normal[i] = kind switch
            {
                Logits.Ties => equal ? 1.5f : choice[i] == 11 ? -0f : choice[i] / 4,
                Logits.Extreme => (choice[i] % 3 - 1) * 1e4f,
                Logits.Underflow => -choice[i] * 68.5f,
                Logits.Infinite => chosen ? float.NegativeInfinity : choice[i] == 1 && equal ? float.PositiveInfinity : normal[i],
                _ => normal[i],
            };
        }
        if (kind == Logits.NaN) normal[stream.Length * 7 % normal.Length] = float.NaN;
        return normal;
    }
}
