using System.Text.RegularExpressions;

namespace CudnnResNet.Packages.Tests;

/// <summary>docs/licences.md lists every package that anything here is built from, and only licences that everybody may use.</summary>
[TestClass]
public sealed partial class LicenceTests
{
    /// <summary>Set to 1: the test writes the page instead of comparing with it.</summary>
    private const string AcceptVariable = "CUDNNRESNET_ACCEPT_LICENCES";

    private static readonly string[] Allowed = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"];

    private static string Page => Repository.At("docs", "licences.md");

    [TestMethod]
    public void Every_package_is_listed_and_its_licence_allowed()
    {
        var packages = LockedPackages.Read();
        Assert.IsGreaterThan(30, packages.Count);
        string[] listed = File.Exists(Page) ? File.ReadAllLines(Page) : [];
        var rows = packages.Select(package =>
        {
            string start = $"| {package.Name} | {package.Version} | ";
            // What only a comparison outside the solution, or another system's build, restores may not be on this machine: then its row stays.
            string licence = PackageLicence.Of(package) ?? listed.FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Split(" |")[0] ?? "unknown";
            Assert.Contains(licence, Allowed, $"{package.Name} {package.Version} has the licence {licence}; allowed are {string.Join(", ", Allowed)}");
            return $"{start}{licence} | {package.Use} |";
        });
        string due = string.Join('\n', [.. Head(), .. rows]) + "\n";
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1") File.WriteAllText(Page, due);
        else Assert.AreEqual(due, string.Join('\n', listed) + "\n", $"docs/licences.md is out of date; run {AcceptVariable}=1 dotnet test tests/Packages.Tests --filter ClassName~Licence and commit the file");
    }

    [TestMethod]
    public void Versions_are_exact_and_stand_in_one_place()
    {
        foreach (Match version in VersionPattern().Matches(File.ReadAllText(Repository.At("Directory.Packages.props"))))
            Assert.MatchesRegex(@"^\d+(\.\d+)+(-[a-z0-9.]+)?$", version.Groups[1].Value, "a version that floats is another one tomorrow");
        foreach (string project in LockedPackages.Projects())
        {
            Assert.DoesNotMatchRegex("<PackageReference[^>]*Version", File.ReadAllText(project), project);
            // Compiled ahead of time: its compiler is the SDK's own, and it has no packages besides (Directory.Build.targets).
            if (Path.GetFileName(project) == "PredictAot.csproj") Assert.DoesNotContain("PackageReference", File.ReadAllText(project));
            else Assert.IsTrue(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, LockedPackages.FileName)), $"{project} has no {LockedPackages.FileName}");
        }
    }

    private static IEnumerable<string> Head() => [
        "# Licences",
        "",
        "This project is under the [MIT licence](../LICENSE). What it is built from, as the packages' own manifests say it; `tests/Packages.Tests` writes",
        "this page from `packages.lock.json` and fails where it is out of date or a licence is none of " + string.Join(", ", Allowed) + ". *shipped* goes into the",
        "packages and the tool, or is what they depend on; *samples*, *tests* and *bench* never leave a checkout. Besides packages there is one font,",
        "Roboto ([Apache-2.0](../src/CudnnResNet.Runner/Reporting/Fonts/README.md)). CUDA, cuDNN and cuBLAS are found on a machine, never shipped.",
        "",
        "| package | version | licence | used by |",
        "|---|---|---|---|",
    ];

    [GeneratedRegex("<PackageVersion [^>]*Version=\"([^\"]*)\"")]
    private static partial Regex VersionPattern();
}
