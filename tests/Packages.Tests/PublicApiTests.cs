using System.Reflection;
using CudnnResNet.Model;
using CudnnResNet.Native.Safe;
using CudnnResNet.Training;
using PublicApiGenerator;

namespace CudnnResNet.Packages.Tests;

/// <summary>What the packages promise stands in docs/api, so that no change of it goes unseen.</summary>
[TestClass]
public sealed class PublicApiTests
{
    /// <summary>Set to 1: the tests write the files instead of comparing with them.</summary>
    private const string AcceptVariable = "CUDNNRESNET_ACCEPT_API";

    public static IEnumerable<object[]> Libraries => [[typeof(CudaContext)], [typeof(ResNet)], [typeof(Trainer)]];

    [TestMethod]
    [DynamicData(nameof(Libraries))]
    public void The_public_surface_is_the_one_that_is_checked_in(Type oneOfIt)
    {
        var assembly = oneOfIt.Assembly;
        string actual = Generate(assembly), path = Repository.At("docs", "api", $"{assembly.GetName().Name}.txt");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }
        string[] before = File.Exists(path) ? File.ReadAllLines(path) : [], now = actual.Split('\n')[..^1];
        string[] gone = [.. before.Except(now).Select(line => $"- {line.Trim()}")], added = [.. now.Except(before).Select(line => $"+ {line.Trim()}")];
        if (!before.SequenceEqual(now))
            Assert.Fail($"the public surface of {assembly.GetName().Name} is not that of {path}; if this is meant, run {AcceptVariable}=1 dotnet test tests/Packages.Tests --filter ClassName~PublicApi and commit the file\n{string.Join('\n', [.. gone, .. added])}");
    }

    [TestMethod]
    [DynamicData(nameof(Libraries))]
    public void No_type_of_the_raw_bindings_is_in_it(Type oneOfIt)
    {
        string[] raw = [.. Generate(oneOfIt.Assembly).Split('\n').Where(line => line.Contains("Native.Sys", StringComparison.Ordinal))];
        Assert.IsEmpty(raw, string.Join('\n', raw));
    }

    // Who embeds a network names no type of CUDA; who wants those takes CudnnResNet.Native by itself.
    [TestMethod]
    public void Networks_and_training_show_nothing_of_CUDA()
    {
        foreach (var type in new[] { typeof(ResNet), typeof(Trainer) })
        {
            string[] native = [.. Generate(type.Assembly).Split('\n').Where(line => line.Contains("CudnnResNet.Native", StringComparison.Ordinal))];
            Assert.IsEmpty(native, string.Join('\n', native));
        }
    }

    private static string Generate(Assembly assembly) => assembly.GeneratePublicApi(new()
    {
        // Visibility of internals, build facts, and how options become JSON are no promise.
        IncludeAssemblyAttributes = false,
        ExcludeAttributes = ["System.Text.Json.Serialization.JsonConverterAttribute", "System.Text.Json.Serialization.JsonIgnoreAttribute"],
    }).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
}
