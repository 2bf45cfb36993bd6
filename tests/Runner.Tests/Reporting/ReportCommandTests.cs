using System.Text.Json;
using System.Xml.Linq;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary><c>report</c> as it is typed.</summary>
[TestClass]
public sealed class ReportCommandTests
{
    [TestMethod]
    public void Without_runs_it_draws_the_reference_project()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "report").Succeeds().Out;
        foreach (string part in (string[])["8.00 (8.04)", "12.76 (13.07)", "9.5*", "best accuracy 92.67 %", "1.50 points", "not our own runs", "wrote     report: figure6.svg figure6.png report.md"]) Assert.Contains(part, output);
        _ = XDocument.Load(folder["report", "figure6.svg"]);
        string markdown = File.ReadAllText(folder["report", "report.md"]);
        foreach (string part in (string[])["| ResNet-56 | 6.97 | 7.33 (7.46) |", "| plain-20 | 9.5\\* |", "![Training on CIFAR-10, as figure 6 of He et al. 2015](figure6.svg)", "**the reference project's curves, not our own runs**"]) Assert.Contains(part, markdown);
        CollectionAssert.AreEqual((string[])["figure6.png", "figure6.svg", "report.html", "report.md"], Directory.GetFiles(folder["report"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToList());
    }

    [TestMethod]
    public void The_reference_projects_files_are_known_as_such()
    {
        string resnet = SharedFolder.File("data/reference-results/resnet20.csv"), plain = SharedFolder.File("data/reference-results/plainnet56.csv");
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "report", resnet, plain, "--output", "out", "--json").Succeeds().Out;
        var runs = TinyRun.Records(output, "run");
        CollectionAssert.AreEqual((double[])[0.08, 0.0804, 0.1276, 0.1307], runs.SelectMany(run => new[] { run.GetProperty("best_err").GetDouble(), run.GetProperty("final_err").GetDouble() }).ToList());
        foreach (var run in runs) Assert.AreEqual("reference", run.GetProperty("origin").GetString());
        Assert.AreEqual(0.015, TinyRun.Records(output, "reference")[0].GetProperty("plain20_minus_resnet20").GetDouble(), 1e-9);
        CollectionAssert.AreEqual((string[])["figure6.svg", "figure6.png", "loss.svg", "loss.png", "report.md", "report.html"],
            TinyRun.Records(output, "report")[0].GetProperty("written").EnumerateArray().Select(name => name.GetString()).ToList());
    }

    [TestMethod]
    public void A_real_run_is_labelled_in_every_file()
    {
        using var folder = new TemporaryFolder();
        string output = RunnerProgram.Run(folder, "report", TinyRun.Finished, "-o", "out").Succeeds().Out;
        Assert.Contains("label     SYNTHETIC", output);
        string row = output.Split('\n').Single(line => line.StartsWith("ResNet-8 ", StringComparison.Ordinal));
        Assert.Contains("SYNTHETIC, recipe demo, batch-size 8, epochs 2", row);
        foreach (string name in (string[])["figure6", "learning-rate", "loss", "throughput"])
        {
            string text = string.Concat(XDocument.Load(folder["out", name + ".svg"]).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value));
            Assert.Contains("SYNTHETIC", text, name);
            Assert.IsTrue(File.Exists(folder["out", name + ".png"]));
        }
        Assert.Contains("**SYNTHETIC**", File.ReadAllText(folder["out", "report.md"]));

        var json = TinyRun.Records(RunnerProgram.Run(folder, "report", TinyRun.Finished, "-o", "out", "--json").Succeeds().Out, "row");
        var ours = json.Single(line => line.GetProperty("network").GetString() == "ResNet-8").GetProperty("ours")[0];
        Assert.AreEqual(1, ours.GetProperty("runs").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, ours.GetProperty("final_err_sd").ValueKind);
        Assert.AreEqual("SYNTHETIC", ours.GetProperty("labels")[0].GetString());
    }

    [TestMethod]
    public void What_is_not_a_run_is_named_in_one_line()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);
        File.WriteAllText(folder["resnet20.csv"], "epoch,train_loss,train_err,test_err\n0,1,0.5,9.5\n");
        RunnerProgram.Run(folder, "report", "nowhere").Fails(4, "nowhere does not exist");
        RunnerProgram.Run(folder, "report", "empty").Fails(4, "empty holds no run");
        RunnerProgram.Run(folder, "report", "resnet20.csv").Fails(4, "resnet20.csv, line 2: test_err '9.5'");
        ReportFixture.Write(folder["begun"], ReportFixture.Fast, []);
        RunnerProgram.Run(folder, "report", "begun").Fails(4, "no epoch is over yet");
        Assert.IsFalse(Directory.Exists(folder["report"]));
        RunnerProgram.Run(folder, "report", "--output", "resnet20.csv").Fails(1, "cannot write to resnet20.csv", "--output");
    }
}
