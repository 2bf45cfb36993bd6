using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>Readers of options and of summaries.</summary>
internal static class TextTargets
{
    private static readonly string[] JsonWords =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "1e400", "-0", "1E-7", "0.1", "\\u0000", "\\ud800", "\uFEFF", "// \n", "/* */", "[1,2]", "[\"1\"]", new string('[', 70),
        "\"resnet56\"", "\"plain\"", "\"paper\"", "\"fast\"", "\"demo\"", "\"tf32\"", "\"synthetic\"", "\"cifar10\"",
    ];

    public static IReadOnlyList<Target> Table { get; } =
    [
        new("config", "JSON config", Readers.Config, "Settings/ConfigFile.cs", "Model/TextFile.cs", "Model/PrintableText.cs")
        {
            MaxLength = 1 << 11, Words = [.. JsonWords, .. TrainSettings.All.Select(setting => $"\"{setting.Key}\":")],
        },
        new("args", "args.json", Readers.Args, "CudnnResNet.Training/TrainOptions.cs", "Reporting/RunReader.cs", "Reporting/RunRecipe.cs")
        {
            NotReading = ["ToJson", "ToDevice", "ReadCsv", "NetworkOf", "Find", "Read", "get_Label", "get_Title", "Equals", "GetHashCode", ".cctor"],
            Words = [.. JsonWords, .. new TrainOptions().ToJson().Split('"').Where((_, i) => i % 2 == 1).Select(name => $"\"{name}\":"), "\"milestones\":[", "\"epochs\":", "\"iterations\":"],
        },
        new("csv", "CSV summary", Readers.Csv, "Reporting/SummaryCsv.cs")
        {
            MaxLength = 1 << 11,
            Words = [.. SummaryRow.Header.Split(','), .. SummaryRow.ValidationHeader.Split(',')[3..7], "\n", "\r\n", ",", ",,", "NaN", "Infinity", "-Infinity", "1e309", "1e-400", "-0", "+1", "\"", "\uFEFF", " "],
        },
    ];
}
