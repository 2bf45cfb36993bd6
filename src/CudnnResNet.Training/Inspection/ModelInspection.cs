using System.Numerics.Tensors;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>A test image that a network takes for something else.</summary>
/// <param name="Image">Its index in the test set.</param>
/// <param name="Truth">Its label.</param>
/// <param name="Prediction">The class of the largest logit.</param>
/// <param name="Probability">The softmax of that logit: how sure the network is, 0..1.</param>
public sealed record Mistake(int Image, int Truth, int Prediction, double Probability);

/// <summary>What a trained network does with each test image, and what it looks for first.</summary>
public sealed class ModelInspection
{
    private ModelInspection(ConfusionMatrix confusion, IReadOnlyList<Mistake> mistakes, IReadOnlyList<float[]> filters) =>
        (Confusion, Mistakes, Filters) = (confusion, mistakes, filters);

    /// <summary>Truth against prediction over the whole set; its <see cref="ConfusionMatrix.Wrong"/> is what <see cref="Evaluator"/> counts.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The mistakes that the network is surest of, the surest first; of equals the first in the set.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; }

    /// <summary>The filters of the first layer, 16 of (3, 3, 3): channel, row, column.</summary>
    public IReadOnlyList<float[]> Filters { get; }

    /// <summary>Looks at every image, with the running statistics. The network's totals are overwritten.</summary>
    /// <param name="network">With its weights.</param>
    /// <param name="images">The test images.</param>
    /// <param name="mistakes">How many mistakes to keep at most.</param>
    /// <param name="cancellation">Looked at between two batches.</param>
    /// <exception cref="InvalidSettingException">There are no images.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ModelInspection Run(ResNet network, LabelledImages images, int mistakes = 16, CancellationToken cancellation = default)
    {
        if (images.Count == 0) throw new InvalidSettingException("there are no images to look at");
        using var range = network.Timeline.OpenUncounted("inspection");
        using var loaded = network.LoadImages(images.Pixels, images.Labels);
        int batch = network.Options.BatchSize;
        var logits = new float[Math.Min(batch, images.Count) * ConfusionMatrix.Classes]; // (N, 10)
        var confusion = new ConfusionMatrix();
        var wrong = new List<Mistake>();
        network.ResetTotals();
        for (int first = 0, n; first < images.Count; first += n)
        {
            cancellation.ThrowIfCancellationRequested();
            n = Math.Min(batch, images.Count - first);
            network.Evaluate(loaded, first, n, logits.AsSpan(0, n * ConfusionMatrix.Classes));
            for (int i = 0; i < n; i++)
            {
                int image = first + i, truth = images.Labels[image];
                var (prediction, probability) = Decide(logits.AsSpan(i * ConfusionMatrix.Classes, ConfusionMatrix.Classes));
                confusion.Add(truth, prediction);
                if (prediction != truth) wrong.Add(new(image, truth, prediction, probability));
            }
        }
        return new(confusion, [.. wrong.OrderByDescending(mistake => mistake.Probability).Take(mistakes)], FirstFilters(network));
    }

    /// <summary>The first of the largest logits, as the heads count hits, and its softmax.</summary>
    private static (int Class, double Probability) Decide(ReadOnlySpan<float> logits)
    {
        Span<double> exact = stackalloc double[ConfusionMatrix.Classes], probabilities = stackalloc double[ConfusionMatrix.Classes];
        TensorPrimitives.ConvertChecked(logits, exact);
        int largest = 0;
        for (int j = 1; j < exact.Length; j++)
            if (exact[j] > exact[largest]) largest = j;
        TensorPrimitives.Subtract(exact, exact[largest], exact); // keeps exp finite
        TensorPrimitives.SoftMax<double>(exact, probabilities);
        return (largest, probabilities[largest]);
    }

    private static List<float[]> FirstFilters(ResNet network)
    {
        float[] weights = network.State().Tensors.First(tensor => tensor.Name == "conv1.weight").Values; // (16, 3, 3, 3)
        return [.. weights.Chunk(3 * 3 * 3)];
    }
}
