namespace CudnnResNet.Tests;

/// <summary>Logits of the same images by two programs.</summary>
internal static class Logits
{
    private const double Tolerance = 1e-4;

    public static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        Assert.IsGreaterThan(0.1, expected.Max() - expected.Min(), "logits that are all alike show nothing");
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], Tolerance, $"logit {i % 10} of image {i / 10}");
    }
}
