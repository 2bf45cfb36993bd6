using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CudnnResNet.Model;

/// <summary>The metadata of a weights file: what it says about the network, read strictly and written.</summary>
internal sealed class WeightsMetadata(IReadOnlyDictionary<string, string> entries)
{
    private const string Arch = "arch", DepthKey = "depth", ShortcutKey = "shortcut", Normalize = "normalize", Mean = "normalize_mean", Std = "normalize_std",
        PixelMean = "normalize_pixel_mean", Epoch = "epoch", Step = "step", TestError = "test_error", Seed = "seed", Dataset = "dataset", ClassesKey = "classes", ClassNamesKey = "class_names", Sha = "weights_sha256", OwnSha = "metadata_sha256";

    /// <summary>256 names of 400 characters; three numbers.</summary>
    private const int LongestClassNames = 100_000, LongestConstants = 200;

    /// <summary>Plain or residual; null where the file does not say.</summary>
    public Architecture? Architecture => Get(Arch) switch
    {
        null => null,
        "resnet" => Model.Architecture.ResNet,
        "plain" => Model.Architecture.Plain,
        _ => throw Wrong(Arch, "'resnet' or 'plain'"),
    };

    /// <summary>The depth that the tensors must have; null where the file does not say.</summary>
    public int? Depth => Integer(DepthKey) is ulong depth ? (int)Math.Min(depth, int.MaxValue) : null;

    /// <summary>The shortcut; null where the file does not say.</summary>
    public ShortcutPadding? Shortcut => Get(ShortcutKey) switch
    {
        null => null,
        "trailing" => ShortcutPadding.Trailing,
        "centred" => ShortcutPadding.Centred,
        "reshape" => ShortcutPadding.Reshape,
        _ => throw Wrong(ShortcutKey, "'trailing', 'centred' or 'reshape'"),
    };

    /// <summary>The normalisation with its constants; null where the file does not say.</summary>
    public Normalization? Normalization
    {
        get
        {
            string? name = Get(Normalize);
            if (name == null) return null;
            if (name == "pixel") return Model.Normalization.Pixel(MeanImage());
            var mean = Constants(Mean);
            var std = Constants(Std);
            return std.All(value => value > 0) ? Model.Normalization.Channel(mean, std, name) : throw Wrong(Std, "three numbers above 0");
        }
    }

    /// <summary>The number of classes that the tensors must have; null where the file does not say.</summary>
    public int? Classes => Integer(ClassesKey) is ulong classes ? (int)Math.Min(classes, int.MaxValue) : null;

    /// <summary>A name for each class, a JSON array of strings in the file; null where it has none.</summary>
    public string[]? ClassNames(int classes)
    {
        if (Get(ClassNamesKey) is not string text) return null;
        if (text.Length > LongestClassNames) throw Wrong(ClassNamesKey, $"a list of {LongestClassNames} characters at most");
        try
        {
            using var names = JsonDocument.Parse(text);
            if (names.RootElement.ValueKind == JsonValueKind.Array && names.RootElement.GetArrayLength() == classes
                && names.RootElement.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String))
                return [.. names.RootElement.EnumerateArray().Select(name => name.GetString()!)];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: an escape that is half a surrogate pair
        {
        }
        throw Wrong(ClassNamesKey, $"a JSON array of {classes} strings");
    }

    /// <summary>SHA-256 of the weights, lower-case hex; null where the file has none.</summary>
    public string? Sha256 => Get(Sha);

    /// <summary>Makes sure that the entries are those that were written, where they have a checksum.</summary>
    /// <exception cref="WeightsException">One was altered, added or taken away.</exception>
    public void RequireUnaltered()
    {
        if (Get(OwnSha) is string sha && !sha.Equals(Checksum(entries), StringComparison.OrdinalIgnoreCase))
            throw new WeightsException($"the metadata have been altered: their SHA-256 is not the one in '{OwnSha}', an entry that may be left out");
    }

    /// <summary>Where the weights come from.</summary>
    public WeightsOrigin Origin => new(
        Integer(Epoch) is ulong epoch ? (int)Math.Min(epoch, int.MaxValue) : null,
        Get(TestError) is string ? Number(TestError, Get(TestError)!) : null,
        Integer(Seed),
        Get(Dataset),
        Integer(Step) is ulong step ? (long)Math.Min(step, long.MaxValue) : null);

    /// <summary>All that a weights file says, ready to be written; numbers keep every bit.</summary>
    public static Dictionary<string, string> Write(ArchitectureSpec architecture, Normalization normalization, StateDict state, WeightsOrigin origin, IReadOnlyList<string>? classNames)
    {
        var entries = new Dictionary<string, string>
        {
            ["format"] = "pt",
            [Arch] = architecture.Architecture == Model.Architecture.ResNet ? "resnet" : "plain",
            [DepthKey] = Text(architecture.Depth),
            [ShortcutKey] = Text(architecture.Shortcut),
            [Normalize] = normalization.Name,
            [Mean] = string.Join(',', normalization.Mean.Select(value => Text(value))),
            [Std] = string.Join(',', normalization.Std.Select(value => Text(value))),
            [ClassesKey] = Text(architecture.Classes),
            [Sha] = state.Sha256(),
        };
        if (normalization.PixelMean is float[] image) entries[PixelMean] = Convert.ToBase64String(LittleEndian(image));
        if (origin.Epoch is int epoch) entries[Epoch] = Text(epoch);
        if (origin.Step is long step) entries[Step] = Text(step);
        if (origin.TestError is double error) entries[TestError] = Text(error);
        if (origin.Seed is ulong seed) entries[Seed] = Text(seed);
        if (origin.Dataset is string dataset) entries[Dataset] = dataset;
        if (classNames is not null) entries[ClassNamesKey] = new JsonArray([.. classNames.Select(name => JsonValue.Create(name))]).ToJsonString();
        entries[OwnSha] = Checksum(entries);
        return entries;
    }

    /// <summary>What the file and the command line call it.</summary>
    public static string Text(ShortcutPadding shortcut) => shortcut.ToString().ToLowerInvariant();

    /// <summary>What a file calls a number; of a double or a float the shortest text that reads back as the same bits.</summary>
    public static string Text<T>(T value) where T : INumber<T> => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>SHA-256, lower-case hex, of all other entries in the order of their keys: each key and each value in UTF-8, with a zero byte behind it.</summary>
    private static string Checksum(IReadOnlyDictionary<string, string> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in entries.Where(entry => entry.Key != OwnSha).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}\0{value}\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string? Get(string key) => entries.GetValueOrDefault(key);

    private ulong? Integer(string key)
    {
        if (Get(key) is not string text) return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : throw Wrong(key, "a whole number");
    }

    private double Number(string key, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : throw Wrong(key, "a number");

    private double[] Constants(string key)
    {
        string text = Get(key) ?? "";
        string[] parts = text.Length <= LongestConstants ? text.Split(',') : [];
        return parts.Length == 3 ? Array.ConvertAll(parts, part => Number(key, part)) : throw Wrong(key, "three numbers with commas between");
    }

    private float[] MeanImage()
    {
        var bytes = new byte[3 * 32 * 32 * sizeof(float)];
        if (!Convert.TryFromBase64String(Get(PixelMean) ?? "", bytes, out int written) || written != bytes.Length)
            throw Wrong(PixelMean, $"the base64 of {bytes.Length} bytes");
        var image = MemoryMarshal.Cast<byte, float>(LittleEndian(bytes)).ToArray();
        return Array.TrueForAll(image, float.IsFinite) ? image : throw Wrong(PixelMean, "finite floats");
    }

    private static byte[] LittleEndian(float[] values) => LittleEndian(MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    // Turns floats' bytes from the machine's order to the file's and back.
    private static byte[] LittleEndian(byte[] bytes)
    {
        if (!BitConverter.IsLittleEndian)
            for (int i = 0; i < bytes.Length; i += sizeof(float)) bytes.AsSpan(i, sizeof(float)).Reverse();
        return bytes;
    }

    private WeightsException Wrong(string key, string allowed)
    {
        string text = Get(key) ?? "";
        return new($"the metadata entry '{key}' is {PrintableText.Quoted(text)}, not {allowed}");
    }
}
