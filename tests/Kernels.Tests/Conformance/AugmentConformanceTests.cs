using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>Augmentation: Reference's pixels bit for bit, and its labels.</summary>
[TestClass]
public sealed class AugmentConformanceTests
{
    // Images of the set that are in no batch, before and behind it.
    private const int Others = 5;

    private static readonly string[] Normalizations = ["reference", "pixel", "channel"];

    public static IEnumerable<object[]> FastCases => All(3).Concat([[1, "reference", Crop.Random, true], [80, "channel", Crop.Five, true], [128, "pixel", Crop.Random, true]]);

    public static IEnumerable<object[]> LongCases => All(80).Concat(All(128));

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Gives_the_same_pixels_as_reference(int n, string normalization, Crop crop, bool flip) => Check(n, normalization, crop, flip);

    [TestMethod]
    [TestCategory("Long")]
    [DynamicData(nameof(LongCases))]
    public void Gives_the_same_pixels_as_reference_in_full_batches(int n, string normalization, Crop crop, bool flip) => Check(n, normalization, crop, flip);

    private static void Check(int n, string normalization, Crop crop, bool flip)
    {
        int count = n + Others;
        byte[] pixels = TestData.Bytes(count * AugmentSpec.ImageSize, "pixels"), setLabels = TestData.Bytes(count, "labels", 10);
        var spec = new AugmentSpec(Named(normalization), crop, flip, Seed: 0xFEDC_BA98_7654_3210);
        // In the first order neighbours of the set do not stay neighbours.
        int[][] orders = [[.. Enumerable.Range(0, count).Select(i => (i * 7 + 2) % count)], [.. Enumerable.Range(0, count).Reverse()]];
        if (count % 7 == 0) orders[0] = [.. Enumerable.Range(0, count).Select(i => (i * 5 + 2) % count)];
        (int Epoch, int[] Order, int First, Mode Mode)[] passes =
        [
            (0, orders[0], 0, Mode.Training), (3, orders[0], Others, Mode.Training), (70_000, orders[1], 2, Mode.Training),
            (3, orders[0], 1, Mode.Inference), (0, orders[1], Others, Mode.Inference),
        ];

        var outputs = KernelGpu.Run((gpu, results) =>
        {
            DevicePointer devicePixels = gpu.Upload<byte>(pixels), deviceLabels = gpu.Upload<byte>(setLabels);
            DevicePointer mean = spec.Normalization.PixelMean is { } image ? gpu.Upload<float>(image) : DevicePointer.Null;
            var memory = new NormalizationMemory(gpu.Upload<float>(spec.Normalization.Table()), mean);
            for (int i = 0; i < passes.Length; i++)
            {
                var (epoch, order, first, mode) = passes[i];
                var set = new ImageMemory(devicePixels, deviceLabels, mode == Mode.Training ? gpu.Upload<int>(order) : DevicePointer.Null);
                DevicePointer state = gpu.Upload(StepState.Start(epoch) with { Position = first }), x = gpu.Empty<float>(n * AugmentSpec.ImageSize), labels = gpu.Empty<byte>(n);
                if (mode == Mode.Training) gpu.Augment.Training(gpu.Stream, n, set, memory, state, spec, x, labels);
                else gpu.Augment.Inference(gpu.Stream, n, set, memory, state, x, labels);
                results.Add($"x {i}", gpu.Read<float>(x, n * AugmentSpec.ImageSize));
                results.Add($"labels {i}", gpu.Read<byte>(labels, n));
            }
        });

        using var device = new ReferenceDevice(new([], null, n, Training: false));
        using var referenceSet = device.LoadImages(pixels, setLabels);
        var augment = device.CreateAugment(spec);
        var (expectedX, expectedLabels) = ((ReferenceActivation)device.CreateInput(new(3, AugmentSpec.Side, AugmentSpec.Side)), (ReferenceLabels)device.CreateLabels());
        for (int i = 0; i < passes.Length; i++)
        {
            var (epoch, order, first, mode) = passes[i];
            referenceSet.SetOrder(epoch, order);
            augment.Forward(referenceSet, first, n, mode, expectedX, expectedLabels);
            Bounds.CheckBits($"x of pass {i}", outputs.Get<float>($"x {i}"), expectedX.Values);
            CollectionAssert.AreEqual(expectedLabels.Values, outputs.Get<byte>($"labels {i}"), $"labels of pass {i}");
        }
    }

    private static IEnumerable<object[]> All(int n) =>
        from normalization in Normalizations from crop in Enum.GetValues<Crop>() from flip in new[] { false, true } select new object[] { n, normalization, crop, flip };

    private static Normalization Named(string name) => name switch
    {
        "pixel" => Normalization.Pixel(TestData.Normal(AugmentSpec.ImageSize, "mean image", 0.1, 0.5)),
        "channel" => Normalization.Channel([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
        _ => Normalization.Reference,
    };
}
