using CudnnResNet.Model;
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
    private const int Cifar10 = ArchitectureSpec.Cifar10Classes;

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

        /// <summary>A NaN in every third row: it is wrong even where the label's logit is the largest number.</summary>
        NaN,

        /// <summary>Infinities of both signs.</summary>
        Infinite,
    }

    public static IEnumerable<object[]> FastCases =>
    [
        .. from n in new[] { 1, 3, 80, 128 } from logits in Enum.GetValues<Logits>() select new object[] { n, Cifar10, logits },
        // Around the block, and more than two of them.
        .. from n in new[] { 31, 32, 33, 127, 129, 300 } select new object[] { n, Cifar10, Logits.Random },
        .. from classes in new[] { 2, 7, 100, ArchitectureSpec.MaxClasses } from logits in new[] { Logits.Random, Logits.Ties, Logits.NaN } select new object[] { 33, classes, logits },
    ];

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Agrees_with_reference(int n, int classes, Logits logits) => Check([n, n, (n + 1) / 2], classes, logits);

    [TestMethod]
    [TestCategory("Long")]
    public void A_whole_epoch_adds_up() => Check([.. Enumerable.Repeat(128, 78), 16], Cifar10, Logits.Random);

    /// <summary>Batches one after another, whose totals add up, beginning with those of an epoch that was interrupted.</summary>
    private static void Check(int[] batches, int classes, Logits kind)
    {
        float[][] logits = [.. batches.Select((n, i) => Values(n, classes, kind, $"{kind} {n} {i}"))];
        byte[][] labels = [.. batches.Select((n, i) => TestData.Bytes(n, $"labels {n} {i}", classes))];
        var start = StepState.Start(2) with { Images = 1000, Correct = 123, LossSum = 1234.5 };

        var outputs = KernelGpu.Run((gpu, results) =>
        {
            DevicePointer state = gpu.Upload(start);
            for (int i = 0; i < batches.Length; i++)
            {
                DevicePointer z = gpu.Upload<float>(logits[i]), y = gpu.Upload<byte>(labels[i]), dz = gpu.Empty<float>(logits[i].Length);
                gpu.SoftmaxCrossEntropy.Forward(gpu.Stream, batches[i], classes, z, y, state);
                gpu.SoftmaxCrossEntropy.Backward(gpu.Stream, batches[i], classes, z, y, dz);
                results.Add($"dlogits {i}", gpu.Read<float>(dz, logits[i].Length));
                results.Add($"state {i}", gpu.Read<StepState>(state, 1));
            }
        });

        var totals = start.Totals;
        double magnitude = totals.LossSum;
        double[] probabilities = new double[classes], expected = new double[classes];
        for (int i = 0; i < batches.Length; i++)
        {
            float[] dlogits = outputs.Get<float>($"dlogits {i}");
            for (int image = 0; image < batches[i]; image++)
            {
                double[] row = TestData.Wide(logits[i][(image * classes)..((image + 1) * classes)]);
                int label = labels[i][image];
                var (loss, hit) = SoftmaxCrossEntropy.Forward(row, label, probabilities);
                totals = new(totals.Images + 1, totals.LossSum + loss, totals.Correct + (hit ? 1 : 0));
                magnitude += Math.Abs(row.Max()) + Math.Log(classes) + Math.Abs(row[label]);
                SoftmaxCrossEntropy.Backward(probabilities, label, batches[i], expected);
                Bounds.Check($"dlogits of batch {i}, image {image}", dlogits.AsSpan(image * classes, classes), expected, j => Bounds.LogitGradient(expected[j], batches[i]));
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

    private static float[] Values(int n, int classes, Logits kind, string stream)
    {
        float[] normal = TestData.Normal(n * classes, stream, 4);
        byte[] choice = TestData.Bytes(n * classes, $"{stream} choice", 12);
        for (int i = 0; i < normal.Length; i++)
        {
            bool third = i / classes % 3 == 0, one = choice[i / classes * classes] % classes == i % classes;
            normal[i] = kind switch
            {
                Logits.Ties => third ? 1.5f : choice[i] == 11 ? -0f : choice[i] / 4,
                Logits.Extreme => (choice[i] % 3 - 1) * 1e4f,
                Logits.Underflow => -choice[i] * 68.5f,
                Logits.NaN => third && one ? float.NaN : normal[i],
                Logits.Infinite => choice[i] == 0 ? float.NegativeInfinity : third && one ? float.PositiveInfinity : normal[i],
                _ => normal[i],
            };
        }
        return normal;
    }
}
