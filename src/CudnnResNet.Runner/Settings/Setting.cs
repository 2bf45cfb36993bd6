using System.CommandLine;
using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>
/// One option of the command line. The same name, without dashes, is a key of a <c>--config</c> file, and CUDNNRESNET_NAME an
/// environment variable.
/// </summary>
internal abstract class Setting
{
    protected Setting(string name, string description, string? valueName, string[] aliases)
    {
        Name = name;
        Option = valueName is null
            ? new Option<bool>(name, aliases) { Description = description, Arity = ArgumentArity.Zero }
            : new Option<string>(name, aliases) { Description = description, HelpName = valueName };
    }

    /// <summary>As typed: <c>--batch-size</c>.</summary>
    public string Name { get; }

    /// <summary>The key in a config file: <c>batch-size</c>.</summary>
    public string Key => Name[2..];

    /// <summary>The environment variable: <c>CUDNNRESNET_BATCH_SIZE</c>.</summary>
    public string Variable => "CUDNNRESNET_" + Key.ToUpperInvariant().Replace('-', '_');

    /// <summary>What the parser knows of it.</summary>
    public Option Option { get; }
}

/// <summary>An option without a value.</summary>
internal sealed class Flag(string name, string description, params string[] aliases) : Setting(name, description, null, aliases);

/// <summary>An option that may stand alone or have a value.</summary>
internal sealed class OptionalValue : Setting
{
    public OptionalValue(string name, string valueName, string description) : base(name, description, valueName, []) => Option.Arity = ArgumentArity.ZeroOrOne;
}

/// <summary>An option with a value, and how its text is read.</summary>
internal sealed class Setting<T>(string name, string valueName, string description, Func<string, T> read, params string[] aliases)
    : Setting(name, description, valueName, aliases)
{
    /// <summary>Reads a text; the source names the place it comes from in the error.</summary>
    /// <exception cref="InvalidSettingException">It cannot be read.</exception>
    public T Read(string text, string source)
    {
        try
        {
            return read(text);
        }
        catch (FormatException e)
        {
            throw new InvalidSettingException($"{source} {PrintableText.Quoted(text)} {e.Message}");
        }
    }
}

/// <summary>How the texts of options are read; a FormatException's message goes on after the offending value.</summary>
internal static class ValueText
{
    public static string Text(string text) => text.Length > 0 ? text : throw new FormatException("is empty");

    public static int Whole(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value
        : throw new FormatException("is not a whole number");

    public static ulong Unsigned(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
        ? value
        : throw new FormatException($"is not a whole number within 0..{ulong.MaxValue}");

    public static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
        ? value
        : throw new FormatException("is not a number");

    public static IReadOnlyList<long> WholeList(string text) => text is "" or "none"
        ? []
        : text.Split(',', StringSplitOptions.TrimEntries).Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new FormatException("is not a list of whole numbers such as 32000,48000")).ToArray();

    public static StepRange Steps(string text) =>
        text.Split(':') is [var first, var last] && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out long from)
            && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long to) && from >= 1 && to >= from
            ? new(from, to)
            : throw new FormatException("is not FIRST:LAST, two step numbers such as 10:30, from 1");

    /// <summary>Reads values with commas between them, none of them twice.</summary>
    public static Func<string, IReadOnlyList<T>> ListOf<T>(Func<string, T> one) => text =>
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        T[] values = [.. parts.Select(part => Part(part, one))];
        if (values.Distinct().Count() < values.Length) throw new FormatException("names something twice");
        return values;
    };

    /// <summary>Reads one of the names of an enumeration, in any case.</summary>
    public static Func<string, T> OneOf<T>() where T : struct, Enum => text =>
    {
        var names = Enum.GetNames<T>();
        foreach (string name in names)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase)) return Enum.Parse<T>(name);
        }
        throw new FormatException($"is not one of {string.Join(", ", names.Select(name => name.ToLowerInvariant()))}");
    };

    private static T Part<T>(string part, Func<string, T> one)
    {
        try
        {
            return one(part);
        }
        catch (FormatException error)
        {
            throw new FormatException($"holds {PrintableText.Quoted(part)}, which {error.Message}", error);
        }
    }
}
