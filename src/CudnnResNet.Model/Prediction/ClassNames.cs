namespace CudnnResNet.Model;

/// <summary>What the classes of a network are called.</summary>
public static class ClassNames
{
    /// <summary>The names of CIFAR-10's labels 0 to 9.</summary>
    public static IReadOnlyList<string> Cifar10 { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// The names of a file's classes, in the order of the logits: CIFAR-10's where the file says that it was trained on it or does not
    /// say on what, else <c>class 0</c>, <c>class 1</c>, …
    /// </summary>
    public static IReadOnlyList<string> Of(WeightsFile weights) =>
        weights.Origin.Dataset is null or "cifar10" && weights.Architecture.Classes == Cifar10.Count ? Cifar10 : Numbered(weights.Architecture);

    internal static IReadOnlyList<string> Numbered(ArchitectureSpec architecture) => [.. Enumerable.Range(0, architecture.Classes).Select(number => $"class {number}")];
}
