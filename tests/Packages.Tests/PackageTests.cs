using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using CudnnResNet.Model;

namespace CudnnResNet.Packages.Tests;

/// <summary>The packages as a project outside this repository meets them.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly string PackageRoot = typeof(PackageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PackageRoot").Value!;

    [TestMethod]
    [TestCategory("Long")]
    public void They_hold_what_they_should_and_work()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: tools/pack.sh needs a shell");
        using var folder = new TemporaryFolder();
        string packages = folder["packages"];
        ChildProcess.Succeeds("sh", [Repository.At("tools", "pack.sh"), packages, folder["build"]], folder.Path);

        string version = CheckContent(packages, "CudnnResNet.Native", []);
        CheckContent(packages, "CudnnResNet.Model", ["CudnnResNet.Native", "System.Numerics.Tensors"]);
        CheckContent(packages, "CudnnResNet.Training", ["CudnnResNet.Model"]);
        CheckTool(packages, version);

        var environment = Isolate(folder, packages);
        UseLibraries(folder, version, environment);
        UseTool(folder, version, environment);
    }

    private static string CheckContent(string packages, string id, string[] dependencies)
    {
        var (entries, nuspec) = Open(packages, id);
        foreach (string wanted in new[] { $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", "README.md", "LICENSE" }) Assert.Contains(wanted, entries);
        Assert.IsFalse(entries.Any(entry => entry.EndsWith(".so", StringComparison.Ordinal) || entry.StartsWith("runtimes/", StringComparison.Ordinal)), "native files");
        CollectionAssert.AreEqual(dependencies, Elements(nuspec, "dependency").Select(element => element.Attribute("id")!.Value).Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual("MIT", Elements(nuspec, "license").Single().Value);
        Assert.IsNotEmpty(Elements(nuspec, "tags").Single().Value);
        // No address of a repository, no folder of the machine that packed.
        Assert.IsEmpty(Elements(nuspec, "repository").ToArray());
        Assert.Contains($"lib/net10.0/{id}.pdb", Entries(Directory.GetFiles(packages, $"{id}.*.snupkg").Single()));
        using var archive = ZipFile.OpenRead(Find(packages, id));
        using var stream = archive.GetEntry($"lib/net10.0/{id}.dll")!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        string text = System.Text.Encoding.Latin1.GetString(bytes.ToArray());
        Assert.IsFalse(text.Contains(Repository.Root, StringComparison.Ordinal) || text.Contains(Path.GetTempPath() + "cudnnresnet", StringComparison.Ordinal), "a path of this machine is in the assembly");
        return Elements(nuspec, "version").Single().Value;
    }

    private static void CheckTool(string packages, string version)
    {
        var (entries, nuspec) = Open(packages, "cudnn-resnet");
        Assert.AreEqual(version, Elements(nuspec, "version").Single().Value);
        Assert.AreEqual("DotnetTool", Elements(nuspec, "packageType").Single().Attribute("name")!.Value);
        foreach (string wanted in new[] { "README.md", "LICENSE", "tools/net10.0/any/CudnnResNet.Runner.dll", "tools/net10.0/any/pretrained/resnet20.safetensors" }) Assert.Contains(wanted, entries);
    }

    /// <summary>Nothing is taken from the network, and nothing is left in the user's package folder, where the same version would stay for ever.</summary>
    private static Dictionary<string, string?> Isolate(TemporaryFolder folder, string packages)
    {
        File.WriteAllText(folder["nuget.config"], $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{packages}" />
                <add key="machine" value="{PackageRoot}" />
              </packageSources>
            </configuration>
            """);
        // Whatever stands above the temporary folder is none of the project's business.
        File.WriteAllText(folder["Directory.Build.props"], "<Project />");
        File.WriteAllText(folder["Directory.Packages.props"], "<Project />");
        return new() { ["NUGET_PACKAGES"] = folder["restored"], ["DOTNET_CLI_HOME"] = folder["home"], ["DOTNET_NOLOGO"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" };
    }

    /// <summary>The first two programs of docs/embedding.md: two steps of training, then the weights are loaded and an image classified.</summary>
    private static void UseLibraries(TemporaryFolder folder, string version, Dictionary<string, string?> environment)
    {
        var programs = Markdown.CSharp(Repository.At("docs", "embedding.md"));
        string trained = Run("Train", programs[0], "CudnnResNet.Training");
        string weights = trained.Split('\n')[^1];
        Assert.StartsWith("test error ", trained.Split('\n')[^2]);
        Assert.EndsWith("last.safetensors", weights);
        string predicted = Run("Predict", programs[1], "CudnnResNet.Model", weights);
        Assert.StartsWith("resnet8 on ", predicted.Split('\n')[0]);
        Assert.HasCount(4, predicted.Split('\n'));

        string Run(string name, string code, string package, params string[] arguments)
        {
            string project = Directory.CreateDirectory(folder[name]).FullName;
            File.WriteAllText(Path.Combine(project, "Program.cs"), code);
            File.WriteAllText(Path.Combine(project, $"{name}.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                    <InvariantGlobalization>true</InvariantGlobalization>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="{package}" Version="{version}" />
                  </ItemGroup>
                </Project>
                """);
            ChildProcess.Succeeds(ChildProcess.Dotnet, ["build", "--nologo", "-v", "quiet", "-o", "out"], project, environment);
            return ChildProcess.Succeeds(ChildProcess.Dotnet, ["exec", Path.Combine("out", $"{name}.dll"), .. arguments], project, environment);
        }
    }

    private static void UseTool(TemporaryFolder folder, string version, Dictionary<string, string?> environment)
    {
        string tools = folder["tools"];
        ChildProcess.Succeeds(ChildProcess.Dotnet, ["tool", "install", "cudnn-resnet", "--version", version, "--tool-path", tools, "--configfile", folder["nuget.config"]], folder.Path, environment);
        environment["DOTNET_ROOT"] = Path.GetDirectoryName(ChildProcess.Succeeds("sh", ["-c", $"readlink -f \"$(command -v '{ChildProcess.Dotnet}')\""], folder.Path));
        string summary = ChildProcess.Succeeds(Path.Combine(tools, "cudnn-resnet"), ["summary", "--depth", "20"], folder.Path, environment);
        long parameters = new ArchitectureSpec(Architecture.ResNet, 20).ParameterCount;
        Assert.Contains(FormattableString.Invariant($"{parameters:N0}"), summary);
        string help = ChildProcess.Succeeds(Path.Combine(tools, "cudnn-resnet"), ["--help"], folder.Path, environment);
        Assert.Contains("  cudnn-resnet --depth 32", help);
        Assert.DoesNotContain("dotnet run", help);
    }

    private static (string[] Entries, XDocument Nuspec) Open(string packages, string id)
    {
        string path = Find(packages, id);
        using var archive = ZipFile.OpenRead(path);
        using var nuspec = archive.GetEntry($"{id}.nuspec")!.Open();
        return (Entries(path), XDocument.Load(nuspec));
    }

    private static string Find(string packages, string id) => Directory.GetFiles(packages, $"{id}.*.nupkg").Single();

    private static string[] Entries(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static IEnumerable<XElement> Elements(XDocument document, string name) => document.Descendants().Where(element => element.Name.LocalName == name);
}
