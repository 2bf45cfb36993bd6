namespace CudnnResNet.Model.Tests;

/// <summary>A tensor is not near enough to the one that it should equal.</summary>
internal sealed class BreachException(string message) : Exception(message);

/// <summary>Says how far a tensor is from the one it should equal. Not an assertion of the test framework, since tests/GpuCheck compares too.</summary>
internal static class Difference
{
    /// <summary>Fails unless ||actual - expected|| is at most tolerance times ||expected||.</summary>
    /// <exception cref="BreachException">It is more.</exception>
    public static void AssertRelativeL2(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        if (RelativeL2Breach(what, actual, expected, tolerance) is { } breach) throw new BreachException(breach);
    }

    /// <summary>The same as one line, or null where it is near enough.</summary>
    public static string? RelativeL2Breach(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        var difference = TensorDifference.Between(actual, expected);
        return difference.RelativeL2 <= tolerance ? null : $"{what}: {difference}, tolerance {tolerance:E2} (relative L2)";
    }

    /// <summary>Fails unless every element is within tolerance root mean squares of expected: one wrong element of many shows here.</summary>
    /// <exception cref="BreachException">One is not.</exception>
    public static void AssertEveryElement(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        double largest = TensorDifference.Between(actual, expected).MaxByRms;
        if (!(largest <= tolerance)) throw new BreachException($"{what}: an element is {largest:E2} root mean squares off, tolerance {tolerance:E2}");
    }
}
