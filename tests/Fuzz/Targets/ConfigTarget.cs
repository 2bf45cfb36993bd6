using System.CommandLine;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>A file for <c>train --config</c>, and the options that it comes to.</summary>
internal sealed class ConfigTarget : Target
{
    private readonly ParseResult commandLine;

    public ConfigTarget()
    {
        var command = new Command("train");
        foreach (var setting in TrainSettings.All) command.Add(setting.Option);
        commandLine = command.Parse([CommonSettings.Config.Name, InFolder("config.json")]);
    }

    public override string Name => "config";

    public override string Reads => "JSON config";

    public override IReadOnlyList<string> Sources => ["Settings/ConfigFile.cs"];

    public override int MaxLength => 1 << 11;

    public override IReadOnlyList<string> Words =>
    [
        .. JsonWords, .. TrainSettings.All.Select(setting => $"\"{setting.Key}\":"), "\"resnet56\"", "\"paper\"", "\"demo\"", "\"tf32\"", "[1,2]", "[\"1\"]", "// \n", "/* */",
    ];

    /// <summary>What JSON is made of.</summary>
    public static string[] JsonWords { get; } = ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "1e400", "-0", "1E-7", "0.1", "\\u0000", "\\ud800", "\uFEFF", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["];

    public override IEnumerable<byte[]> Seeds() =>
    [
        """{ "depth": 32, "arch": "plain", "lr": 0.05, "milestones": [100, 200], "no-flip": true, "name": "a", "seed": 18446744073709551615 }"""u8.ToArray(),
        """{ "model": "resnet20", "recipe": "fast", "batch-size": "64", "crop": "five", /* a remark */ "validation": 5000, "offline": false, }"""u8.ToArray(),
    ];

    public override void Read(byte[] file)
    {
        File.WriteAllBytes(InFolder("config.json"), file);
        TrainSettings.Read(new SettingReader(commandLine, TrainSettings.All)).Check();
    }
}
