using System.Text.Json;
using System.Text.Unicode;

namespace CudnnResNet.Model;

/// <summary>One tensor of a safetensors header, checked.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">F32, F64, F16, BF16, or <see cref="SafeTensorsHeader.Ignored"/>.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Count">Elements: the product of the shape.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
internal sealed record SafeTensorsEntry(string Name, string Type, int[] Shape, long Count, long Begin, long End);

/// <summary>The JSON header of a safetensors file, with all checks that a file from anywhere needs.</summary>
internal sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>
    /// Longest header in bytes: twice what <see cref="MaxTensors"/> need. The format allows ten times as much, but reading JSON takes up to ten
    /// bytes of memory for each of the header's.
    /// </summary>
    public const int MaxLength = 10_000_000;

    /// <summary>Most dimensions of a tensor; a convolution's weights have four.</summary>
    public const int MaxRank = 8;

    /// <summary>Most tensors, of which a checkpoint of depth 1202 has 9,600, and most entries of metadata, of which one has 25.</summary>
    private const int MaxTensors = 50_000, MaxMetadata = 10_000;

    /// <summary>The key that holds strings instead of a tensor.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The type of PyTorch's step counters, which no computation needs.</summary>
    public const string Ignored = "I64";

    /// <summary>Deepest nesting of a right header: the object, a tensor, its shape.</summary>
    private const int MaxDepth = 3;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="WeightsException">Anything is not as the format says.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        if (!Utf8.IsValid(json)) throw new WeightsException($"{file}: the header is not UTF-8");
        try
        {
            var parser = new Parser(json, file);
            parser.Run();
            var entries = parser.Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToList();
            CheckPlaces(entries, dataLength, file);
            return new(entries, parser.Metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: an escape that is half a surrogate pair
        {
            throw new WeightsException($"{file}: the header is not valid JSON: {PrintableText.Shortened(error.Message, 300)}", error);
        }
    }

    /// <summary>Whether a tensor is one of PyTorch's step counters.</summary>
    public static bool IsCounter(string name) => name == "num_batches_tracked" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    // The tensors must follow one another without overlap and gap up to the last byte, so that no byte can hide anything.
    private static void CheckPlaces(List<SafeTensorsEntry> entries, long dataLength, string file)
    {
        long end = 0;
        foreach (var entry in entries)
        {
            string name = PrintableText.Quoted(entry.Name);
            if (entry.End > dataLength) throw new WeightsException($"{file}: tensor {name} ends at byte {entry.End} of {dataLength}; the file is truncated or damaged");
            if (entry.Begin < end) throw new WeightsException($"{file}: tensor {name} overlaps the tensor before it: it begins at byte {entry.Begin}, not {end}");
            if (entry.Begin > end) throw new WeightsException($"{file}: {entry.Begin - end} bytes before tensor {name} belong to no tensor");
            end = entry.End;
        }
        if (end != dataLength) throw new WeightsException($"{file}: {dataLength - end} bytes after the last tensor belong to no tensor");
    }

    private ref struct Parser(ReadOnlySpan<byte> json, string file)
    {
        private readonly HashSet<string> names = new(StringComparer.Ordinal);
        private Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });

        public List<SafeTensorsEntry> Entries { get; } = [];

        public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

        public void Run()
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw Error("the header is not a JSON object");
            while (Next() == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (names.Count > MaxTensors) throw Error($"more than {MaxTensors} tensors");
                if (!names.Add(name)) throw Error($"the name {PrintableText.Quoted(name)} occurs twice");
                if (Next() != JsonTokenType.StartObject) throw Error($"{PrintableText.Quoted(name)} is not described by a JSON object");
                if (name == MetadataName) ReadMetadata();
                else ReadTensor(name);
            }
            if (reader.Read()) throw Error("something follows the header's object");
        }

        private void ReadMetadata()
        {
            while (Next() == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                if (Metadata.Count == MaxMetadata) throw Error($"more than {MaxMetadata} metadata entries");
                if (Next() != JsonTokenType.String) throw Error($"the metadata entry {PrintableText.Quoted(key)} is not a string");
                if (!Metadata.TryAdd(key, reader.GetString()!)) throw Error($"the metadata entry {PrintableText.Quoted(key)} occurs twice");
            }
        }

        private void ReadTensor(string name)
        {
            string? type = null;
            List<long>? shape = null, offsets = null;
            while (Next() == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                if ((key == "dtype" && type != null) || (key == "shape" && shape != null) || (key == "data_offsets" && offsets != null))
                    throw Error($"tensor {PrintableText.Quoted(name)}: '{key}' occurs twice");
                switch (key)
                {
                    case "dtype":
                        type = Next() == JsonTokenType.String ? reader.GetString()! : throw Error($"tensor {PrintableText.Quoted(name)}: the dtype is not a string");
                        break;
                    case "shape":
                        shape = ReadNumbers(name, key, MaxRank);
                        break;
                    case "data_offsets":
                        offsets = ReadNumbers(name, key, 2);
                        break;
                    default:
                        throw Error($"tensor {PrintableText.Quoted(name)}: unknown entry {PrintableText.Quoted(key)}");
                }
            }
            if (type == null || shape == null || offsets == null) throw Error($"tensor {PrintableText.Quoted(name)}: needs dtype, shape and data_offsets");
            Entries.Add(Checked(name, type, shape, offsets));
        }

        private List<long> ReadNumbers(string name, string key, int most)
        {
            if (Next() != JsonTokenType.StartArray) throw Error($"tensor {PrintableText.Quoted(name)}: '{key}' is not a list");
            var numbers = new List<long>();
            while (Next() != JsonTokenType.EndArray)
            {
                if (numbers.Count == most) throw Error($"tensor {PrintableText.Quoted(name)}: '{key}' has more than {most} numbers");
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                    throw Error($"tensor {PrintableText.Quoted(name)}: '{key}' holds something that is not a whole number from 0");
                numbers.Add(number);
            }
            return numbers;
        }

        private readonly SafeTensorsEntry Checked(string name, string type, List<long> shape, List<long> offsets)
        {
            if (!ElementType.IsFloat(type) && !(type == Ignored && IsCounter(name)))
                throw Error($"tensor {PrintableText.Quoted(name)}: the type {PrintableText.Quoted(type)} is not one of F32, F64, F16, BF16");
            if (offsets.Count != 2 || offsets[0] > offsets[1]) throw Error($"tensor {PrintableText.Quoted(name)}: data_offsets are not a begin and an end after it");
            long count = 1;
            foreach (long size in shape)
            {
                // Within int and a running product within int: no overflow here, and none where the product is used.
                if (size > int.MaxValue || (count *= size) > int.MaxValue) throw Error($"tensor {PrintableText.Quoted(name)}: the shape ({string.Join(", ", shape)}) is too large");
            }
            if (offsets[1] - offsets[0] != count * ElementType.BytesOf(type))
                throw Error($"tensor {PrintableText.Quoted(name)}: {offsets[1] - offsets[0]} bytes are not the shape ({string.Join(", ", shape)}) of {type}");
            return new(name, type, [.. shape.Select(size => (int)size)], count, offsets[0], offsets[1]);
        }

        private JsonTokenType Next() => reader.Read() ? reader.TokenType : throw Error("the header ends too early");

        private readonly WeightsException Error(string what) => new($"{file}: {what}");
    }
}
