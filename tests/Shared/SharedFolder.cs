namespace CudnnResNet.Tests;

/// <summary>Finds the folder of golden numbers and pretrained weights beside a checkout, which a fresh clone does not have.</summary>
internal static class SharedFolder
{
    /// <summary>The path of a file below it; the test is skipped, saying so, where it is absent.</summary>
    public static string File(string relative)
    {
        string? path = Candidates().Select(folder => Path.Combine(folder, relative)).FirstOrDefault(System.IO.File.Exists);
        if (path is null) Assert.Inconclusive($"skipped: shared/{relative} is not here");
        return path!;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("CUDNNRESNET_SHARED") is { Length: > 0 } named) yield return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "shared");
    }
}
