using System.Text.Json;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>The options of a <c>--config FILE.json</c>: one object whose keys are options' names without dashes.</summary>
internal sealed class ConfigFile
{
    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    private ConfigFile(string path) => Path = path;

    public string Path { get; }

    public bool TryGet(Setting setting, out string text) => texts.TryGetValue(setting.Key, out text!);

    /// <summary>Reads a file; a key must be one of the settings.</summary>
    /// <exception cref="InvalidSettingException">The file is unreadable, or not an object of known keys.</exception>
    public static ConfigFile Read(string path, IReadOnlyCollection<Setting> settings)
    {
        var file = new ConfigFile(path);
        try
        {
            using var document = JsonDocument.Parse(TextFile.Read(path, TextFile.LongestOptions), Reading);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidSettingException($"config file {path} is not a JSON object");
            foreach (var property in document.RootElement.EnumerateObject()) file.texts[property.Name] = TextOf(property, path, settings);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: an escape that is half a surrogate pair
        {
            throw new InvalidSettingException($"config file {path} is not JSON: {PrintableText.Shortened(error.Message, 300)}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidSettingException($"config file {path} cannot be read: {error.Message}", error);
        }
        return file;
    }

    private static string TextOf(JsonProperty property, string path, IReadOnlyCollection<Setting> settings)
    {
        string name = property.Name; // a new text each time
        var setting = settings.FirstOrDefault(setting => setting.Key == name)
            ?? throw new InvalidSettingException($"config file {path} has an unknown key {PrintableText.Quoted(name)}{NearestName.Hint(name, settings.Select(setting => setting.Key))}");
        if (setting is Flag && property.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw new InvalidSettingException($"config file {path}: {name} must be true or false");
        return TextOf(property.Value)
            ?? throw new InvalidSettingException($"config file {path}: {name} is {property.Value.ValueKind}; it must be a text, a number, true, false or a list of numbers");
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            string.Join(',', value.EnumerateArray().Select(item => item.GetRawText())),
        _ => null,
    };
}
