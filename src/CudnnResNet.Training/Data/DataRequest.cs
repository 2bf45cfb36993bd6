namespace CudnnResNet.Training.Data;

/// <summary>Which data set is wanted and where it may come from.</summary>
public sealed record DataRequest
{
    /// <summary>
    /// <c>auto</c>: CIFAR-10, or the synthetic set where it cannot be had; <c>cifar10</c>: CIFAR-10 or an error; <c>synthetic</c>.
    /// </summary>
    public string DataSet { get; init; } = "auto";

    /// <summary>The folder of the option <c>--data</c>, or null. Where it is given, no other place is tried.</summary>
    public string? Folder { get; init; }

    /// <summary>True: the network is not touched.</summary>
    public bool Offline { get; init; }

    /// <summary>The folder below which <c>data</c> is looked for.</summary>
    public string WorkingFolder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Called often while something is downloaded, on any thread.</summary>
    public Action<DownloadProgress>? Progress { get; init; }

    internal DownloadSettings Download { get; init; } = DownloadSettings.Official;

    internal Func<DataSet> Draw { get; init; } = () => Synthetic.Create();
}

/// <summary>A place where CIFAR-10 was looked for.</summary>
/// <param name="Name">What leads there: <c>--data</c>, <c>CIFAR10_DIR</c>, <c>./data</c>, <c>cache</c>.</param>
/// <param name="Folder">The folder, or null where the place does not exist on this machine.</param>
/// <param name="Problem">Why it cannot be used, or null where it can.</param>
public sealed record DataPlace(string Name, string? Folder, string? Problem);

/// <summary>A data set, and why it is not another one.</summary>
/// <param name="Data">The images.</param>
/// <param name="Tried">What was tried before and was no use.</param>
public sealed record LocatedData(DataSet Data, IReadOnlyList<DataPlace> Tried)
{
    /// <summary>What was tried and why it was no use, one line each.</summary>
    public IReadOnlyList<string> Reasons => [.. Tried.Select(place => $"{place.Name}: {place.Problem}")];
}
