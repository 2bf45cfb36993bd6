using System.Text.Json;
using System.Xml.Linq;
using CudnnResNet.Model;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Tests;

/// <summary>Names from files in what the commands print and write: nothing drives a terminal, breaks a page or a table, or leads out of a folder.</summary>
[TestClass]
public sealed class HostileNamesTests
{
    private const string Hostile = "\u001b[2J\u001b]0;owned\u0007\n\r<script>alert(1)<img src=x onerror=alert(1)>]]>|a`b`*c*[d](javascript:alert(1))&\"'\u009b1A\u202Ed\u2028e";

    [TestMethod]
    public void A_report_of_runs_with_hostile_names_and_options()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])[Hostile.Replace('/', '_'), "SYNTHETIC " + new string('n', 240)])
        {
            Directory.CreateDirectory(folder["runs", name]);
            foreach (string file in Directory.GetFiles(TinyRun.Finished)) File.Copy(file, folder["runs", name, Path.GetFileName(file)]);
            var options = TrainOptions.FromJson(File.ReadAllText(folder["runs", name, "args.json"])) with { InitialWeights = Hostile, Data = Hostile };
            File.WriteAllText(folder["runs", name, "args.json"], options.ToJson());
        }
        using var program = RunnerProgram.Start(folder, ["report", "runs", "--output", "out"], TinyRun.Size);
        IsTame(program.Wait().Succeeds().Out);

        CollectionAssert.AreEquivalent((string[])["runs", "out"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ToArray());
        Assert.IsEmpty(Directory.GetDirectories(folder["out"]));
        foreach (string file in Directory.GetFiles(folder["out"])) IsTame(Path.GetFileName(file));
        Assert.HasCount(10, Directory.GetFiles(folder["out"], "?-*.png"));
        foreach (string svg in Directory.GetFiles(folder["out"], "*.svg"))
        {
            Assert.IsEmpty(XDocument.Load(svg).Descendants().Where(element => element.Name.LocalName is "script" or "img" or "foreignObject"));
            Assert.DoesNotContain("<script", File.ReadAllText(svg));
        }
        string page = File.ReadAllText(folder["out", "report.html"]), markdown = File.ReadAllText(folder["out", "report.md"]);
        Assert.DoesNotContain("<script>alert", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.DoesNotContain("<script", markdown);
        Assert.DoesNotContain("<img", markdown);
        foreach (string table in markdown.Split("\n\n").Where(block => block.StartsWith('|')))
            Assert.HasCount(1, table.TrimEnd().Split('\n').Select(Cells).Distinct().ToList(), $"rows of different lengths:\n{table}");
    }

    [TestMethod]
    public void Class_names_of_weights()
    {
        using var folder = new TemporaryFolder();
        var file = WeightsFile.Load(Path.Combine(TinyRun.Finished, "last.safetensors"));
        WeightsFile.Save(folder["w.safetensors"], file.Architecture, file.Normalization, file.State, new(Dataset: Hostile), [.. Enumerable.Range(0, 10).Select(i => $"{i}{Hostile}")]);
        File.WriteAllBytes(folder["x.png"], TestImages.Png(new byte[3 * 32 * 32]));
        string text = RunnerProgram.Run(folder, "predict", "--weights", "w.safetensors", "x.png").Succeeds().Out;
        IsTame(text);
        Assert.Contains("?[2J?]0;owned???<script>", text);
        string json = RunnerProgram.Run(folder, "predict", "--weights", "w.safetensors", "x.png", "--json").Succeeds().Out;
        IsTame(json, butBidirectional: true); // for programs, which get the name as it is
        Assert.EndsWith(Hostile, TinyRun.Records(json, "prediction")[0].GetProperty("classes")[0].GetProperty("name").GetString());
    }

    [TestMethod]
    public void Errors_that_repeat_a_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], JsonSerializer.Serialize(new Dictionary<string, string> { [Hostile] = "1" }));
        var outcome = RunnerProgram.Run(folder, "--config", "config.json");
        outcome.Fails(2, "unknown key '?[2J");
        IsTame(outcome.Error);
        outcome = RunnerProgram.Run(folder, "--config", Hostile);
        outcome.Fails(2, "cannot be read");
        IsTame(outcome.Error);
        outcome = RunnerProgram.Run(folder, "--dataset", "synthetic", "--name", Hostile);
        outcome.Fails(2, "is not a folder's name");
        IsTame(outcome.Error);
        Assert.IsEmpty(Directory.GetDirectories(folder.Path));
    }

    private static void IsTame(string text, bool butBidirectional = false)
    {
        foreach (char letter in text)
            Assert.IsFalse(char.IsControl(letter) && letter != '\n' || !butBidirectional && letter is '\u202E' or '\u2028', $"U+{(int)letter:X4}");
    }

    /// <summary>Bars that part cells.</summary>
    private static int Cells(string row) => row.Replace("\\\\", "").Replace("\\|", "").Count(letter => letter == '|');
}
