namespace CudnnResNet.Model.Tests;

/// <summary>Assertions about how far a tensor is from the one it should equal.</summary>
internal static class Difference
{
    /// <summary>Fails unless ||actual - expected|| is at most tolerance times ||expected||.</summary>
    public static void AssertRelativeL2(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        var difference = TensorDifference.Between(actual, expected);
        if (!(difference.RelativeL2 <= tolerance)) Assert.Fail($"{what}: {difference}, tolerance {tolerance:E2} (relative L2)");
    }

    /// <summary>Fails unless every element is within tolerance root mean squares of expected: one wrong element of many shows here.</summary>
    public static void AssertEveryElement(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        double largest = TensorDifference.Between(actual, expected).MaxByRms;
        if (!(largest <= tolerance)) Assert.Fail($"{what}: an element is {largest:E2} root mean squares off, tolerance {tolerance:E2}");
    }
}
