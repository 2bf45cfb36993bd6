using System.Reflection;
using System.Xml.Linq;

namespace CudnnResNet.Packages.Tests;

/// <summary>A package's licence, from its manifest in this machine's folder of packages.</summary>
internal static class PackageLicence
{
    private static readonly string Root = typeof(PackageLicence).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PackageRoot").Value!;

    /// <summary>An address that an old package gives instead of a name, and what stands there.</summary>
    private static readonly Dictionary<string, string> Addresses = new()
    {
        ["https://go.microsoft.com/fwlink/?linkid=868514"] = "MIT", // SkiaSharp's
    };

    /// <summary>Its SPDX name; null where the package is not on this machine, and something that no list allows where it cannot be told.</summary>
    public static string? Of(LockedPackage package)
    {
        string name = package.Name.ToLowerInvariant(), folder = Path.Combine(Root, name, package.Version), manifest = Path.Combine(folder, $"{name}.nuspec");
        if (!File.Exists(manifest)) return null;
        var elements = XDocument.Load(manifest).Descendants().ToList();
        if (elements.FirstOrDefault(element => element.Name.LocalName == "license") is { } licence)
            return licence.Attribute("type")?.Value == "expression" ? licence.Value : OfText(File.ReadAllText(Path.Combine(folder, licence.Value)));
        string address = elements.FirstOrDefault(element => element.Name.LocalName == "licenseUrl")?.Value ?? "none";
        return Addresses.GetValueOrDefault(address, address);
    }

    private static string OfText(string text) => text.TrimStart().StartsWith("MIT License", StringComparison.Ordinal) ? "MIT" : text.Trim().Split('\n')[0];
}
