using System.Text.Json;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>docs/formats.md names every file and every field that a run writes.</summary>
[TestClass]
public sealed class FormatsPageTests
{
    [TestMethod]
    public void Every_field_that_a_run_writes_is_on_the_page()
    {
        using var temp = new TemporaryFolder();
        var (_, folder) = TinyRun.Train(TinyRun.Options(temp) with { Epochs = 1 });
        var (_, validated) = TinyRun.Train(TinyRun.Options(temp) with { Epochs = 1, Validation = 4, Normalize = "pixel" });

        var fields = new HashSet<string>();
        foreach (string run in new[] { folder, validated })
        {
            using var options = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "args.json")));
            fields.UnionWith(options.RootElement.EnumerateObject().Select(option => option.Name));
            fields.UnionWith(File.ReadLines(Path.Combine(run, "summary.csv")).First().Split(','));
            fields.UnionWith(SafeTensors.Read(Path.Combine(run, "last.safetensors")).Metadata.Keys);
            var state = new MemoryStream(File.ReadAllBytes(Path.Combine(run, "last.state"))) { Position = 44 };
            fields.UnionWith(SafeTensors.Read(state, "last.state").Metadata.Keys);
            fields.UnionWith(EventRecords.Files(run).SelectMany(EventRecords.Read).SelectMany(record => record.Values.Keys));
            fields.UnionWith(Directory.GetFiles(run).Select(file => Path.GetFileName(file)).Select(name => name.StartsWith("events.out.tfevents.", StringComparison.Ordinal) ? "events.out.tfevents.TIME.HOST" : name));
        }
        Assert.IsGreaterThan(70, fields.Count, string.Join(" ", fields));
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "formats.md"));
        Assert.AreEqual("", string.Join(" ", fields.Where(field => !page.Contains($"`{field}`", StringComparison.Ordinal))), "missing on the page");
    }
}
