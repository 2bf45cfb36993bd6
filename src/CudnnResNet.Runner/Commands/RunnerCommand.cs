using System.CommandLine;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner.Commands;

/// <summary>One command: its options, its examples, and what it does.</summary>
internal abstract class RunnerCommand : Command
{
    protected RunnerCommand(string name, string description, string examples, params Setting[] settings) : base(name, description)
    {
        Examples = examples;
        Settings = [.. settings, .. CommonSettings.Everywhere];
        foreach (var setting in Settings) Add(setting.Option);
        SetAction(result =>
        {
            var reader = new SettingReader(result, Settings);
            return Run(reader, new Report(reader.Has(CommonSettings.Json), reader.Has(CommonSettings.Quiet)));
        });
    }

    /// <summary>A command that takes words besides options too.</summary>
    protected RunnerCommand(string name, string description, string examples, Argument<string[]> words, params Setting[] settings) : this(name, description, examples, settings) =>
        Add(words);

    /// <summary>Command lines to copy, one a line; the last part of <c>--help</c>.</summary>
    public string Examples { get; }

    /// <summary>Every option, the common ones included.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Does the work.</summary>
    /// <returns>The process's exit code; errors are thrown.</returns>
    protected abstract int Run(SettingReader settings, Report report);
}
