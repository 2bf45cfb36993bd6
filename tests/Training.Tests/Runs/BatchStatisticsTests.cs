using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Tests;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>
/// The measurement of docs/notes.md, note 5: what the reference project's 20-layer networks lose when batch norm uses the batch's own
/// statistics, on the test images as they are and cropped and mirrored as in training.
/// </summary>
[TestClass]
public sealed class BatchStatisticsTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod, TestCategory("Long")]
    public void Without_running_statistics_the_uncropped_images_cost_most_and_the_residual_network_more()
    {
        if (Environment.GetEnvironmentVariable("CIFAR10_DIR") is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name a folder with the real CIFAR-10");
            return;
        }
        var test = Cifar10.Read(folder).Test;
        var augmented = new LabelledImages(Augmented(test), test.Labels);
        var residual = Measure("seed-resnet20", Architecture.ResNet);
        var plain = Measure("seed-plainnet20", Architecture.Plain);

        foreach (var network in new[] { residual, plain }) Assert.IsLessThan(0.01, network.AugmentedLoss, "as in training, the batch's statistics are nearly as good");
        Assert.IsGreaterThan(0.01, plain.Loss);
        Assert.IsGreaterThan(0.03, residual.Loss);
        Assert.IsLessThan(plain.Running, residual.Running, "with running statistics the shortcuts are worth it");
        Assert.IsGreaterThan(plain.Batch, residual.Batch, "without them they are not");

        Measurement Measure(string name, Architecture architecture)
        {
            var weights = WeightsFile.Load(SharedFolder.File($"data/pretrained/{name}.safetensors"), new() { Architecture = architecture });
            var errors = from images in new[] { test, augmented } from statistics in Enum.GetValues<BatchNormStatistics>() select Error(images, statistics);
            var measured = new Measurement([.. errors]);
            TestContext.WriteLine($"{weights.Architecture.Name}: {measured}");
            return measured;

            double Error(LabelledImages images, BatchNormStatistics statistics)
            {
                var options = new NetworkOptions { Device = DeviceOptions.Parse("cpu"), BatchSize = 128, Training = false, Normalization = weights.Normalization, InferenceStatistics = statistics };
                using var network = new ResNet(weights.Architecture, options);
                network.Load(weights.State);
                return Evaluator.Run(network, images).Error;
            }
        }
    }

    /// <summary>Errors with running and with the batch's statistics, on the images as they are and then on the augmented ones.</summary>
    private sealed record Measurement(double[] Errors)
    {
        public double Running => Errors[0];
        public double Batch => Errors[1];
        public double Loss => Errors[1] - Errors[0];
        public double AugmentedLoss => Errors[3] - Errors[2];

        public override string ToString() => FormattableString.Invariant(
            $"as they are {Running * 100:F2} % running, {Batch * 100:F2} % batch; cropped and mirrored {Errors[2] * 100:F2} % running, {Errors[3] * 100:F2} % batch");
    }

    /// <summary>Every image once, cropped and mirrored as in training, as bytes: outside it is black.</summary>
    private static byte[] Augmented(LabelledImages images)
    {
        var spec = new AugmentSpec(Normalization.Reference, Crop.Random, Flip: true, Seed: 1);
        float[] bytes = [.. Enumerable.Range(0, 3 * 256).Select(i => (float)(i % 256))], x = new float[AugmentSpec.ImageSize];
        var pixels = new byte[images.Pixels.Length];
        for (int i = 0; i < images.Count; i++)
        {
            AugmentSpec.Pixels(images.Pixels.AsSpan(i * AugmentSpec.ImageSize, AugmentSpec.ImageSize), spec.Place(i, epoch: 0), bytes, [], x);
            for (int j = 0; j < x.Length; j++) pixels[i * AugmentSpec.ImageSize + j] = (byte)x[j];
        }
        return pixels;
    }
}
