using System.Globalization;
using System.Text.RegularExpressions;
using CudnnResNet.Runner.Reporting;

namespace CudnnResNet.Runner.Tests;

/// <summary>The README quotes no figure that docs/evidence.md, or a page of measurements that it names, does not hold.</summary>
[TestClass]
public sealed partial class EvidenceTests
{
    private static readonly string[] Quoting = ["Results", "Speed", "CUDA", "Reliability", "Why our own bindings"];

    [TestMethod]
    public void The_README_quotes_only_figures_that_the_evidence_holds()
    {
        string evidence = Evidence();
        var sections = HeadingLine().Split(File.ReadAllText(Repository.At("README.md")));
        int compared = 0;
        foreach (string name in Quoting)
        {
            string section = sections.Single(text => text.StartsWith(name + "\n", StringComparison.Ordinal));
            foreach (string figure in FiguresOf(section))
            {
                Assert.IsTrue(Holds(evidence, figure), $"README, section {name}: {figure} stands neither in docs/evidence.md nor on a page that it names");
                compared++;
            }
        }
        Assert.IsGreaterThan(80, compared, "figures compared");
    }

    [TestMethod]
    public void The_READMEs_results_are_those_of_the_runs_that_are_here()
    {
        string[] recipes = ["fast", "paper"];
        var runs = RunReader.Read(recipes.Select(recipe => Repository.At("results", recipe)).Where(Directory.Exists));
        var table = ResultTable.Create(runs);
        string readme = File.ReadAllText(Repository.At("README.md"));
        string block = readme[readme.IndexOf("<!-- results -->", StringComparison.Ordinal)..readme.IndexOf("<!-- end of results -->", StringComparison.Ordinal)];
        Assert.AreEqual(MarkdownReport.Table(table.Titles, table.Rows.Select(table.Texts)), block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..], "run make evidence");
    }

    [TestMethod]
    public void Every_run_that_is_here_is_told_of_in_the_evidence()
    {
        string[] lines = File.ReadAllLines(Repository.At("docs", "evidence.md"));
        foreach (string summary in Directory.GetFiles(Repository.At("results"), "summary.csv", SearchOption.AllDirectories))
        {
            string folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(summary)!).Replace('\\', '/');
            string last = File.ReadLines(summary).Last(), hash = last.Split(',')[^1];
            double error = double.Parse(last.Split(',')[3], CultureInfo.InvariantCulture);
            string line = lines.Single(line => line.Contains($"`{folder}`", StringComparison.Ordinal));
            Assert.Contains(FormattableString.Invariant($"final {error * 100:F2} %"), line);
            Assert.Contains(hash[..8], line);
        }
    }

    [TestMethod]
    public void A_figure_that_is_made_up_is_noticed()
    {
        string[] figures = [.. FiguresOf("| training, ResNet-20, `--epochs 30` | 1,354.7 | 98.76x | [page](a/2026.md)\n\n    code 77\n")];
        CollectionAssert.AreEqual(new[] { "1,354.7", "98.76" }, figures);
        string evidence = Evidence();
        foreach (string figure in figures) Assert.IsFalse(Holds(evidence, figure), figure);
        Assert.IsTrue(Holds("took 1,354 s", "1,354"));
        Assert.IsFalse(Holds("took 11,354 s, 1,354.7", "1,354"), "a part of another number");
    }

    [TestMethod]
    public void Every_file_that_the_evidence_names_exists()
    {
        var named = NamedFile().Matches(File.ReadAllText(Repository.At("docs", "evidence.md"))).Select(match => match.Groups[1].Value).ToList();
        Assert.IsGreaterThan(5, named.Count);
        foreach (string path in named) Assert.IsTrue(Path.Exists(Repository.At(path)), path);
    }

    /// <summary>The page of evidence and the pages of measurements that it names.</summary>
    private static string Evidence()
    {
        string page = File.ReadAllText(Repository.At("docs", "evidence.md"));
        var named = NamedFile().Matches(page).Select(match => match.Groups[1].Value).Where(path => path.EndsWith(".md", StringComparison.Ordinal));
        return page + string.Concat(named.Select(path => File.ReadAllText(Repository.At(path))));
    }

    /// <summary>The numbers of a text, those in code, in links and in names (ResNet-20, sm_70) left out.</summary>
    private static IEnumerable<string> FiguresOf(string markdown)
    {
        string prose = NoProse().Replace(markdown, " ");
        return Figure().Matches(prose).Select(match => match.Groups[1].Value);
    }

    private static bool Holds(string text, string figure) => Regex.IsMatch(text, $@"(?<![\d.,]){Regex.Escape(figure)}(?!\d|[.,]\d)");

    [GeneratedRegex("^## ", RegexOptions.Multiline)]
    private static partial Regex HeadingLine();

    [GeneratedRegex(@"`((?:bench/)?results/[^`<>]+)`")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"```[^`]*```|^ {4}.*$|`[^`]*`|\]\([^)]*\)", RegexOptions.Multiline)]
    private static partial Regex NoProse();

    [GeneratedRegex(@"(?<![\w.,-])(\d+(?:,\d{3})*(?:\.\d+)?)(?:x|\b)")]
    private static partial Regex Figure();
}
