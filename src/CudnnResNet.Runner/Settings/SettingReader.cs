using System.CommandLine;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>
/// The values of a command's options: from the command line, else from the <c>--config</c> file, else from the environment.
/// What is given nowhere is left to the library's defaults.
/// </summary>
internal sealed class SettingReader
{
    private readonly ParseResult result;
    private readonly ConfigFile? config;

    /// <summary>Reads the config file where the command has that option and it is given.</summary>
    public SettingReader(ParseResult result, IReadOnlyCollection<Setting> settings)
    {
        this.result = result;
        if (settings.Contains(CommonSettings.Config) && TryGet(CommonSettings.Config, out string? path))
            config = ConfigFile.Read(path, settings);
    }

    /// <summary>Whether the flag is set.</summary>
    public bool Has(Flag flag)
    {
        if (Typed(flag) is not null) return true;
        if (config?.TryGet(flag, out string text) == true) return text == "true";
        return Environment.GetEnvironmentVariable(flag.Variable) is { Length: > 0 } value && Truth(value, flag.Variable);
    }

    /// <summary>Whether the option is given anywhere, with or without a value.</summary>
    public bool Given(Setting setting) => Typed(setting) is not null || Find(setting, out _) is not null;

    /// <summary>The text after the option; null where it stands alone or is not given.</summary>
    public string? Text(OptionalValue setting) => Find(setting, out _) is { Length: > 0 } text ? text : null;

    /// <summary>The option's value, if it is given.</summary>
    /// <exception cref="InvalidSettingException">Its text cannot be read.</exception>
    public bool TryGet<T>(Setting<T> setting, out T value)
    {
        if (Find(setting, out string source) is { } text)
        {
            value = setting.Read(text, source);
            return true;
        }
        value = default!;
        return false;
    }

    /// <summary>The option's value, or another where it is not given.</summary>
    public T Get<T>(Setting<T> setting, T otherwise) => TryGet(setting, out T value) ? value : otherwise;

    /// <summary>The option's value.</summary>
    /// <exception cref="InvalidSettingException">It is not given.</exception>
    public T Require<T>(Setting<T> setting, string example) => TryGet(setting, out T value)
        ? value
        : throw new InvalidSettingException($"{setting.Name} is missing; for example {setting.Name} {example}");

    /// <summary>The words of a command that takes some without an option's name before them.</summary>
    public string[] Values(Argument<string[]> argument) => result.GetValue(argument) ?? [];

    private string? Find(Setting setting, out string source)
    {
        if (Typed(setting) is { } typed)
        {
            source = setting.Name;
            return typed.Length > 0 ? typed[0] : null;
        }
        if (config?.TryGet(setting, out string text) == true)
        {
            source = $"config file {config.Path}: {setting.Key}";
            return text;
        }
        source = setting.Variable;
        return Environment.GetEnvironmentVariable(setting.Variable) is { Length: > 0 } value ? value : null;
    }

    /// <summary>The texts behind an option on the command line; null where it is not there.</summary>
    private string[]? Typed(Setting setting) =>
        result.GetResult(setting.Option) is { Implicit: false } found ? [.. found.Tokens.Select(token => token.Value)] : null;

    private static bool Truth(string text, string source) => text.ToLowerInvariant() switch
    {
        "1" or "true" or "yes" => true,
        "0" or "false" or "no" => false,
        _ => throw new InvalidSettingException($"{source} '{text}' is not one of 1, true, yes, 0, false, no"),
    };
}
