using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>The <c>args.json</c> of a run folder, as a report and a run that goes on read it.</summary>
internal sealed class ArgsTarget : Target
{
    private readonly string folder;

    public ArgsTarget()
    {
        folder = Directory.CreateDirectory(InFolder("run")).FullName;
        File.WriteAllText(Path.Combine(folder, RunFolder.SummaryName), SummaryRow.Header + "\n");
    }

    public override string Name => "args";

    public override string Reads => "args.json";

    public override IReadOnlyList<string> Sources => ["CudnnResNet.Training/TrainOptions.cs", "Reporting/RunReader.cs", "Reporting/RunRecipe.cs"];

    public override IReadOnlyList<string> NotReading => ["ToJson", "ToDevice", "ReadCsv", "NetworkOf", "Find", "Read", "get_Label", "get_Title", "Equals", "GetHashCode"];

    public override int MaxLength => 1 << 12;

    public override IReadOnlyList<string> Words =>
    [
        .. ConfigTarget.JsonWords, .. new TrainOptions().ToJson().Split('"').Where((_, i) => i % 2 == 1).Select(name => $"\"{name}\":"), "\"milestones\":[", "\"epochs\":", "\"iterations\":", "\"synthetic\"", "\"cifar10\"", "\"plain\"", "\"paper\"", "\"fast\"", "\"demo\"",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        new TrainOptions().ToJson(),
        new TrainOptions { Dataset = "synthetic", Epochs = 3, Milestones = [10, 20], Lr = 0.5, Recipe = Recipe.Demo, BatchSize = 64 }.ToJson(),
        """{"depth":56,"dataset":"cifar10","recipe":"paper","iterations":64000,"validation":5000}""",
    }.Select(System.Text.Encoding.UTF8.GetBytes);

    public override void Read(byte[] file)
    {
        File.WriteAllBytes(Path.Combine(folder, RunFolder.ArgsName), file);
        RunFolder.ReadOptions(folder).Check();
        RunReader.ReadFolder(folder);
    }
}
