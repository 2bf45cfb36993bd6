using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Inspection;

[TestClass]
public sealed class ModelInspectionTests
{
    private static readonly LabelledImages Images = Synthetic.Create(trainCount: 10, testCount: 60).Test;

    [TestMethod]
    public void It_counts_what_the_evaluator_counts()
    {
        using var network = Network(batchSize: 16);
        var evaluation = Evaluator.Run(network, Images);
        var confusion = ModelInspection.Run(network, Images).Confusion;
        Assert.AreEqual((evaluation.Images, evaluation.Wrong), (confusion.Images, confusion.Wrong));
        Assert.AreEqual(evaluation.Error, confusion.Error);
        int[] perClass = Images.CountPerClass();
        for (int truth = 0; truth < ConfusionMatrix.Classes; truth++)
        {
            Assert.AreEqual(perClass[truth], confusion.ImagesOf(truth));
            Assert.AreEqual((perClass[truth] - confusion[truth, truth]) / (double)perClass[truth], confusion.ErrorOf(truth));
        }
        Assert.AreEqual(60, Enumerable.Range(0, 10).Sum(truth => Enumerable.Range(0, 10).Sum(prediction => confusion[truth, prediction])));
    }

    [TestMethod]
    public void Mistakes_are_wrong_answers_the_surest_first()
    {
        using var network = Network(batchSize: 16);
        var all = ModelInspection.Run(network, Images, mistakes: 60);
        Assert.HasCount(all.Confusion.Wrong, all.Mistakes);
        CollectionAssert.AreEqual(all.Mistakes.OrderByDescending(mistake => mistake.Probability).ThenBy(mistake => mistake.Image).ToArray(), all.Mistakes.ToArray());
        var logits = new float[10];
        var normalised = new float[LabelledImages.ImageBytes];
        float[] table = network.Options.Normalization.Table(); // (3, 256)
        foreach (var mistake in all.Mistakes)
        {
            Assert.AreEqual(Images.Labels[mistake.Image], mistake.Truth);
            Assert.AreNotEqual(mistake.Truth, mistake.Prediction);
            var pixels = Images.Image(mistake.Image);
            for (int i = 0; i < pixels.Length; i++) normalised[i] = table[i / 1024 * 256 + pixels[i]];
            network.Infer(normalised, logits);
            Assert.AreEqual(logits.Max(), logits[mistake.Prediction]);
            double sum = logits.Sum(logit => Math.Exp(logit - logits[mistake.Prediction]));
            Assert.AreEqual(1 / sum, mistake.Probability, 1e-5);
        }
        CollectionAssert.AreEqual(all.Mistakes.Take(5).ToArray(), ModelInspection.Run(network, Images, mistakes: 5).Mistakes.ToArray());
    }

    [TestMethod]
    public void The_size_of_the_batches_changes_nothing()
    {
        using ResNet large = Network(batchSize: 64), small = Network(batchSize: 7);
        var (one, other) = (ModelInspection.Run(large, Images), ModelInspection.Run(small, Images));
        CollectionAssert.AreEqual(one.Mistakes.Select(mistake => mistake.Image).ToArray(), other.Mistakes.Select(mistake => mistake.Image).ToArray());
        Assert.AreEqual(one.Confusion.Wrong, other.Confusion.Wrong);
    }

    [TestMethod]
    public void Filters_are_the_first_layer()
    {
        using var network = Network(batchSize: 16);
        var filters = ModelInspection.Run(network, Images).Filters;
        Assert.HasCount(16, filters);
        CollectionAssert.AreEqual(network.State()["conv1.weight"].Values, filters.SelectMany(filter => filter).ToArray());
    }

    [TestMethod]
    public void It_can_be_cancelled_and_wants_images()
    {
        using var network = Network(batchSize: 16);
        Assert.ThrowsExactly<OperationCanceledException>(() => ModelInspection.Run(network, Images, cancellation: new(canceled: true)));
        Assert.ThrowsExactly<InvalidSettingException>(() => ModelInspection.Run(network, new([], [])));
    }

    [TestMethod, TestCategory("Long")]
    public void The_published_network_makes_its_804_mistakes()
    {
        string weights = SharedFolder.File("data/pretrained/seed-resnet20.safetensors");
        if (Environment.GetEnvironmentVariable("CIFAR10_DIR") is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name the real images");
            return;
        }
        var file = WeightsFile.Load(weights);
        using var network = new ResNet(file.Architecture, new() { Device = DeviceOptions.Parse("cpu"), Training = false, Normalization = file.Normalization });
        network.Load(file.State);
        var confusion = ModelInspection.Run(network, Cifar10.Read(folder).Test).Confusion;
        Assert.AreEqual(804, confusion.Wrong);
        // Cats and dogs are what it mixes up most.
        Assert.IsGreaterThan(60, confusion[3, 5]);
        Assert.IsGreaterThan(60, confusion[5, 3]);
    }

    private static ResNet Network(int batchSize) =>
        new(new(Architecture.ResNet, 8), new() { Device = DeviceOptions.Parse("cpu"), BatchSize = batchSize, Training = false, Seed = 4 });
}
