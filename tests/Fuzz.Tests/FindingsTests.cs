namespace CudnnResNet.Fuzz.Tests;

/// <summary>The files that fuzzing has found a bug with, each as small as it could be made: <c>Findings/TARGET/what it was</c>.</summary>
[TestClass]
public sealed class FindingsTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Findings");

    public static IEnumerable<object[]> Files => Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(Folder, path).Replace('\\', '/') });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Nothing_that_was_found_comes_back(string path)
    {
        var target = Targets.AllTargets.Named(path.Split('/')[0]).Single();
        using var oracle = new Oracle(Oracle.Second);
        var fault = oracle.Judge(target.Reader, File.ReadAllBytes(Path.Combine(Folder, path)));
        Assert.IsNull(fault, fault?.Details);
    }
}
