namespace CudnnResNet.Model.Tests.Weights;

/// <summary>A fresh folder of one test's own, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cudnnresnet-test-");

    public string this[string name] => Path.Combine(folder.FullName, name);

    public string[] Files => [.. folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Delete(recursive: true);
}
