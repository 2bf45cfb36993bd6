using System.Text.Json;
using System.Text.RegularExpressions;

namespace CudnnResNet.Runner.Tests;

/// <summary>What the program says about itself.</summary>
[TestClass]
public sealed partial class HelpTests
{
    [TestMethod]
    [DataRow("--help", "Exit codes:")]
    [DataRow("--help", "CUDNNRESNET_CUDNN_PATH")]
    [DataRow("--help", "CUDA_VISIBLE_DEVICES")]
    [DataRow("-h", "doctor")]
    [DataRow("train --help", "--weight-decay")]
    [DataRow("--depth 20 --help", "--weight-decay")]
    [DataRow("eval --help", "--weights")]
    [DataRow("predict --help", "--top-k")]
    [DataRow("compare --help", "--dump")]
    [DataRow("import --help", ".th")]
    [DataRow("export --help", "--include-normalization")]
    [DataRow("summary --help", "--depth")]
    [DataRow("data --help", "verify")]
    [DataRow("data download --help", "--url")]
    [DataRow("data verify --help", "--data")]
    [DataRow("train --help", "--profile")]
    [DataRow("train --help", "--cuda-profiler-range")]
    [DataRow("eval --help", "--trace-steps")]
    [DataRow("eval --help", "--profile")]
    [DataRow("eval --help", "--batch-norm-statistics")]
    [DataRow("train --help", "reshape")]
    [DataRow("bench --help", "--profile")]
    [DataRow("bench --help", "--mode")]
    [DataRow("doctor --help", "--json")]
    [DataRow("report --help", "--output")]
    public void Help_fits_100_columns(string words, string part)
    {
        using var folder = new TemporaryFolder();
        var outcome = RunnerProgram.Run(folder, words.Split(' ')).Succeeds();
        Assert.Contains(part, outcome.Out);
        foreach (string line in outcome.Out.Split('\n')) Assert.IsLessThanOrEqualTo(100, line.TrimEnd().Length, line);
    }

    [TestMethod]
    public void Version_is_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.MatchesRegex(VersionLine(), RunnerProgram.Run(folder, "--version").Succeeds().Out);
    }

    [TestMethod]
    [DataRow("--depth 20", 20, 269_722L)]
    [DataRow("--depth 32", 32, 464_154L)]
    [DataRow("--model plain110", 110, 1_727_962L)]
    public void Summary_counts_parameters(string words, int depth, long parameters)
    {
        using var folder = new TemporaryFolder();
        var outcome = RunnerProgram.Run(folder, ["summary", "--json", .. words.Split(' ')]).Succeeds();
        var records = outcome.Out.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.HasCount(depth, records.SkipLast(1)); // depth - 1 convolutions and the linear layer
        Assert.AreEqual(parameters, records[^1].GetProperty("parameters").GetInt64());
        Assert.AreEqual(parameters, records.SkipLast(1).Sum(record => record.GetProperty("parameters").GetInt64()));
    }

    [TestMethod]
    public void Summary_is_a_table_of_80_columns_for_people_and_one_line_when_quiet()
    {
        using var folder = new TemporaryFolder();
        var table = RunnerProgram.Run(folder, "summary", "--depth", "20").Succeeds().Out;
        Assert.Contains("layer3.0.conv1", table);
        Assert.Contains("269,722 parameters", table);
        foreach (string line in table.Split('\n')) Assert.IsLessThanOrEqualTo(100, line.Length, line);
        string quiet = RunnerProgram.Run(folder, "summary", "--depth", "20", "--quiet").Succeeds().Out;
        Assert.HasCount(1, quiet.Trim().Split('\n'));
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+\S*\n$")]
    private static partial Regex VersionLine();
}
