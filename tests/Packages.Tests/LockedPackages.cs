using System.Text.Json;

namespace CudnnResNet.Packages.Tests;

/// <summary>A package that some project here is built from.</summary>
/// <param name="Name">As its manifest spells it.</param>
/// <param name="Version">The one that is restored.</param>
/// <param name="Use"><c>shipped</c>, <c>samples</c>, <c>tests</c> or <c>bench</c>: the first that applies.</param>
internal sealed record LockedPackage(string Name, string Version, string Use);

/// <summary>What the projects' lock files hold, direct and transitive.</summary>
internal static class LockedPackages
{
    public const string FileName = "packages.lock.json";

    private static readonly string[] Uses = ["shipped", "samples", "tests", "bench"];

    /// <summary>
    /// Libraries for other systems: on Linux they are pruned, so no lock file has them, but the packed tool brings them
    /// (Directory.Build.targets). They are released together with the package that needs them.
    /// </summary>
    private static readonly (string Name, string With)[] OfOtherSystems =
    [
        ("SkiaSharp.NativeAssets.macOS", "SkiaSharp.NativeAssets.Linux.NoDependencies"), ("SkiaSharp.NativeAssets.Win32", "SkiaSharp.NativeAssets.Linux.NoDependencies"),
        ("HarfBuzzSharp.NativeAssets.macOS", "HarfBuzzSharp"), ("HarfBuzzSharp.NativeAssets.Win32", "HarfBuzzSharp"),
    ];

    /// <summary>All project files.</summary>
    public static IEnumerable<string> Projects() => Files("*.csproj");

    /// <summary>All packages, sorted by name.</summary>
    public static List<LockedPackage> Read()
    {
        var found = new List<LockedPackage>();
        foreach (string file in Files(FileName))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var framework in json.RootElement.GetProperty("dependencies").EnumerateObject())
                foreach (var package in framework.Value.EnumerateObject())
                    if (package.Value.TryGetProperty("resolved", out var version)) found.Add(new(package.Name, version.GetString()!, UseOf(file)));
        }
        foreach (var (name, with) in OfOtherSystems)
            found.Add(found.First(package => package.Name == with && package.Use == "shipped") with { Name = name });
        return [.. found.GroupBy(package => (package.Name, package.Version))
            .Select(group => group.MinBy(package => Array.IndexOf(Uses, package.Use))!)
            .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase).ThenBy(package => package.Version, StringComparer.Ordinal)];
    }

    private static string UseOf(string file) => Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar)[0] switch
    {
        "src" or "Runner" => "shipped",
        string folder => folder,
    };

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(Repository.Root, path).Split(Path.DirectorySeparatorChar).Any(folder => folder is "artifacts" or "bin" or "obj"))
        .Order(StringComparer.Ordinal);
}
