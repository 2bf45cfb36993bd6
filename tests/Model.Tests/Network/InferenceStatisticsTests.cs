using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>Inference with the batch's own statistics: a training-mode forward pass that leaves everything as it was.</summary>
[TestClass]
public sealed class InferenceStatisticsTests : EmulatedGpuTests
{
    private const int N = 5;
    private static readonly float[] Images = TestData.Normal(N * 3072, "images");

    /// <summary>Two blocks a stage: outputs are used again within a stage.</summary>
    private static readonly ArchitectureSpec[] Networks =
    [
        new(Architecture.ResNet, 14), new(Architecture.ResNet, 14, ShortcutPadding.Reshape), new(Architecture.Plain, 14),
    ];

    public static IEnumerable<object[]> Rows =>
        from device in TestDevices.RowsWithReference from network in Enumerable.Range(0, Networks.Length) select new object[] { device[0], network };

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void The_batchs_statistics_give_the_logits_of_a_training_pass_and_change_nothing(string device, int network)
    {
        double[] expected = new double[N * HeadSpec.Classes];
        using (var trained = new ResNet(Networks[network], Options(device, BatchNormStatistics.Running, N) with { Training = true }))
        {
            trained.ForwardTraining(Images, new byte[N]);
            trained.Head.Download(UnitTensor.Y, expected);
        }

        using var evaluated = new ResNet(Networks[network], Options(device, BatchNormStatistics.Batch, N + 2));
        string before = evaluated.State().Sha256();
        foreach (string time in new[] { "first", "second" })
            CollectionAssert.AreEqual(Array.ConvertAll(expected, value => (float)value), Infer(evaluated, Images), $"the {time} pass");
        Assert.AreEqual(before, evaluated.State().Sha256());
    }

    [TestMethod]
    [DynamicData(nameof(TestDevices.RowsWithReference), typeof(TestDevices))]
    public void Only_with_the_batchs_statistics_an_image_depends_on_the_others(string device)
    {
        using var running = new ResNet(Networks[0], Options(device, BatchNormStatistics.Running, N));
        using var batch = new ResNet(Networks[0], Options(device, BatchNormStatistics.Batch, N));
        float[] pair = Images[..(2 * 3072)];
        CollectionAssert.AreEqual(Infer(running, Images)[..10], Infer(running, pair)[..10]);
        CollectionAssert.AreNotEqual(Infer(batch, Images)[..10], Infer(batch, pair)[..10]);
    }

    /// <summary>The cpu device takes a few images at a time through the network, which is not the batch whose statistics are asked for.</summary>
    [TestMethod]
    public void A_batch_is_not_divided_in_an_evaluation()
    {
        const int batch = 11, images = 2 * batch + 3;
        byte[] pixels = TestData.Bytes(images * AugmentSpec.ImageSize, "pixels"), labels = TestData.Bytes(images, "labels", 10);
        Totals expected = Evaluate("reference");
        foreach (var device in TestDevices.Available)
        {
            Totals totals = Evaluate(device.Name);
            Assert.AreEqual((expected.Images, expected.Correct), (totals.Images, totals.Correct), device.Name);
            Assert.AreEqual(expected.LossSum, totals.LossSum, 1e-5 * expected.LossSum, device.Name);
        }

        Totals Evaluate(string device)
        {
            using var network = new ResNet(new(Architecture.ResNet, 8), Options(device, BatchNormStatistics.Batch, batch));
            using var set = network.LoadImages(pixels, labels);
            foreach (var (first, n) in new[] { (0, batch), (batch, batch), (2 * batch, 3) }) network.Evaluate(set, first, n);
            return network.ReadTotals();
        }
    }

    [TestMethod]
    [DynamicData(nameof(TestDevices.RowsWithReference), typeof(TestDevices))]
    public void An_evaluation_between_two_steps_changes_nothing(string device)
    {
        Assert.AreEqual(HashOfTwoSteps(evaluates: false), HashOfTwoSteps(evaluates: true));

        string HashOfTwoSteps(bool evaluates)
        {
            using var network = new ResNet(new(Architecture.ResNet, 8), Options(device, BatchNormStatistics.Batch, N) with { Training = true });
            network.TrainStep(Images, new byte[N], 0.1);
            if (evaluates) Infer(network, Images[..(3 * 3072)]);
            network.TrainStep(Images, new byte[N], 0.1);
            return network.State().Sha256();
        }
    }

    private static NetworkOptions Options(string device, BatchNormStatistics statistics, int batch) =>
        new() { Device = TestDevices.Find(device).Options, BatchSize = batch, Training = false, InferenceStatistics = statistics };

    private static float[] Infer(ResNet network, float[] images)
    {
        var logits = new float[images.Length / 3072 * HeadSpec.Classes];
        network.Infer(images, logits);
        return logits;
    }
}
