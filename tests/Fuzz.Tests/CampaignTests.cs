namespace CudnnResNet.Fuzz.Tests;

/// <summary>The whole way: instrumented copies, processes, corpora, findings, line coverage.</summary>
[TestClass]
public sealed class CampaignTests
{
    /// <summary>By chance alone it would take 2^32 of them, and more.</summary>
    private const int EnoughForPlanted = 100_000;

    private static Campaign campaign = null!;

    [ClassInitialize]
    public static void Instrument(TestContext _) => campaign = new();

    [ClassCleanup]
    public static void Remove() => campaign.Dispose();

    [TestMethod]
    public void A_bug_behind_four_comparisons_is_found_and_its_file_made_small()
    {
        using var corpus = new TemporaryFolder();
        Assert.IsGreaterThan(0, Run(corpus, "planted", EnoughForPlanted).Single().Folder.FindingCount(FaultKind.Crash));
        foreach (string file in Findings(corpus, "planted"))
        {
            Assert.AreEqual("DEEP", File.ReadAllText(file));
            Assert.StartsWith("IndexOutOfRangeException in ", File.ReadAllText(file + ".txt"));
        }
    }

    [TestMethod]
    public void A_file_that_kills_the_process_is_found_too()
    {
        using var corpus = new TemporaryFolder();
        var result = Run(corpus, "planted-death", EnoughForPlanted).Single();
        Assert.AreEqual(1, result.Folder.FindingCount(FaultKind.Crash));
        foreach (string file in Findings(corpus, "planted-death"))
        {
            Assert.StartsWith("DEEP", File.ReadAllText(file));
            Assert.Contains("the planted death", File.ReadAllText(file + ".txt"));
        }
    }

    [TestMethod]
    public void A_seed_gives_the_same_inputs_again()
    {
        using TemporaryFolder first = new(), second = new(), other = new();
        Run(first, "csv", 4_000);
        Run(second, "csv", 4_000);
        Run(other, "csv", 4_000, seed: 2);
        CollectionAssert.AreEqual(Inputs(first), Inputs(second));
        CollectionAssert.AreNotEqual(Inputs(first), Inputs(other));
        Assert.IsGreaterThan(20, Inputs(first).Length);
    }

    [TestMethod]
    public void Every_reader_withstands_some_thousand_files()
    {
        using var corpus = new TemporaryFolder();
        foreach (var result in Run(corpus, "all", 2_000))
        {
            string[] found = [.. Findings(corpus, result.Target.Name).Select(file => File.ReadAllText(file + ".txt"))];
            Assert.IsEmpty(found, $"{result.Target.Name}: {string.Join('\n', found)}");
            Assert.IsGreaterThanOrEqualTo(2_000, result.Executions, result.Target.Name);
            Assert.IsGreaterThan(0.6, result.Coverage.Fraction, $"{result.Target.Name}: too few lines of {string.Join(", ", result.Target.Sources)} are run");
        }
    }

    private static List<TargetResult> Run(TemporaryFolder corpus, string target, long executions, int seed = 1)
    {
        var results = new List<TargetResult>();
        campaign.Run(new() { Target = target, Executions = executions, Seed = seed, Corpus = corpus.Path }, results.Add);
        return results;
    }

    private static string[] Findings(TemporaryFolder corpus, string target) => [.. Directory.GetFiles(corpus[target, "findings"]).Where(file => !file.EndsWith(".txt", StringComparison.Ordinal))];

    private static string[] Inputs(TemporaryFolder corpus) => [.. Directory.GetFiles(corpus["csv", "inputs"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
