namespace CudnnResNet.Model.Devices.Reference;

/// <summary>The loss of one image and its gradient.</summary>
internal static class SoftmaxCrossEntropy
{
    /// <summary>Softmax, loss = -log softmax(logits)[label], and whether the first of the largest logits is the label's; with a NaN it is not.</summary>
    public static (double Loss, bool Hit) Forward(ReadOnlySpan<double> logits, int label, Span<double> probabilities)
    {
        int best = 0;
        for (int j = 1; j < logits.Length; j++)
            if (logits[j] > logits[best]) best = j;
        // Subtracting the largest logit changes nothing but keeps exp finite.
        double largest = logits[best], sum = 0;
        for (int j = 0; j < logits.Length; j++) sum += probabilities[j] = Math.Exp(logits[j] - largest);
        for (int j = 0; j < logits.Length; j++) probabilities[j] /= sum;
        return (largest + Math.Log(sum) - logits[label], best == label && !AnyNaN(logits));
    }

    /// <summary>dlogits = (softmax - onehot) / n, the gradient of the mean loss of n images.</summary>
    public static void Backward(ReadOnlySpan<double> probabilities, int label, int n, Span<double> dlogits)
    {
        for (int j = 0; j < dlogits.Length; j++) dlogits[j] = (probabilities[j] - (j == label ? 1 : 0)) / n;
    }

    private static bool AnyNaN(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            if (double.IsNaN(value)) return true;
        return false;
    }
}
