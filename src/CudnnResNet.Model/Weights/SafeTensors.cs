using System.Buffers.Binary;
using System.Text.Json;

namespace CudnnResNet.Model;

/// <summary>
/// A safetensors file: an 8-byte little-endian length, a JSON header with type, shape and place of every tensor, then the tensors' bytes.
/// </summary>
/// <remarks>
/// Read: F32, F64, F16 and BF16; I64 only where the name ends in <c>num_batches_tracked</c>, and then it is left out.
/// Written: F32. Nothing in a file is trusted: every size is checked against the real length before memory is taken for it.
/// </remarks>
public sealed class SafeTensors : ITensorFile
{
    private readonly string file;
    private readonly byte[] data;
    private readonly Dictionary<string, SafeTensorsEntry> entries;

    private SafeTensors(string file, byte[] data, SafeTensorsHeader header)
    {
        this.file = file;
        this.data = data;
        Metadata = header.Metadata;
        var read = header.Entries.Where(entry => entry.Type != SafeTensorsHeader.Ignored).ToList();
        Names = read.ConvertAll(entry => entry.Name);
        entries = read.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors' names in the order of their bytes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The strings of <c>__metadata__</c>; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    // ---- Reading ----

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="WeightsException">The file cannot be read, or is not a safetensors file whose every byte is accounted for.</exception>
    public static SafeTensors Read(string path) => TensorFile.Open(path, stream => Read(stream, path));

    /// <summary>Reads from a stream's position to its end.</summary>
    /// <param name="stream">A stream that knows its length.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="WeightsException">It is not a safetensors file whose every byte is accounted for.</exception>
    public static SafeTensors Read(Stream stream, string file)
    {
        long length = stream.Length - stream.Position;
        if (length < sizeof(ulong)) throw new WeightsException($"{file}: {length} bytes are too few for a safetensors file");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        length -= sizeof(ulong);
        if (headerLength > SafeTensorsHeader.MaxLength)
            throw new WeightsException($"{file}: not a safetensors file: a header of {headerLength} bytes, more than the {SafeTensorsHeader.MaxLength} allowed");
        if (headerLength > (ulong)length)
            throw new WeightsException($"{file}: truncated, or not a safetensors file: a header of {headerLength} bytes, but {length} follow");
        var json = new byte[headerLength];
        stream.ReadExactly(json);

        length -= json.Length;
        var header = SafeTensorsHeader.Parse(json, length, file);
        if (length > Array.MaxLength) throw new WeightsException($"{file}: {length} bytes of tensors are more than the {Array.MaxLength} this engine reads");
        var data = new byte[length];
        stream.ReadExactly(data);
        return new(file, data, header);
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>The sizes of a tensor, outermost first; empty for a scalar.</summary>
    /// <exception cref="WeightsException">There is no such tensor.</exception>
    public int[] Shape(string name) => [.. Entry(name).Shape];

    /// <summary>A tensor's values, row-major, rounded to float where they are F64.</summary>
    /// <exception cref="WeightsException">There is no such tensor.</exception>
    public float[] Floats(string name)
    {
        var entry = Entry(name);
        var values = new float[entry.Count];
        var bytes = data.AsSpan((int)entry.Begin, (int)(entry.End - entry.Begin));
        for (int i = 0; i < values.Length; i++) values[i] = ElementType.ReadFloat(entry.Type, bytes, i);
        return values;
    }

    /// <summary>A tensor's values, row-major, in double; exact for every type.</summary>
    /// <exception cref="WeightsException">There is no such tensor.</exception>
    public double[] Doubles(string name)
    {
        var entry = Entry(name);
        if (entry.Type != "F64") return Array.ConvertAll(Floats(name), value => (double)value);
        var values = new double[entry.Count];
        var bytes = data.AsSpan((int)entry.Begin, (int)(entry.End - entry.Begin));
        for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
        return values;
    }

    private SafeTensorsEntry Entry(string name) =>
        entries.TryGetValue(name, out var entry) ? entry : throw new WeightsException($"{file}: there is no tensor {PrintableText.Quoted(name)}");

    // ---- Writing ----

    /// <summary>Writes tensors as F32, sorted by name (ordinal), one after another.</summary>
    /// <param name="stream">Receives the bytes; is left open and not flushed.</param>
    /// <param name="tensors">Tensors of different names.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; written sorted, so that equal content gives equal bytes.</param>
    /// <exception cref="WeightsException">A name occurs twice or is reserved, or values do not fit their shape.</exception>
    public static void Write(Stream stream, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sorted = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        var header = Header(sorted, metadata);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var tensor in sorted)
        {
            var bytes = new byte[tensor.Values.Length * sizeof(float)];
            for (int i = 0; i < tensor.Values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), tensor.Values[i]);
            stream.Write(bytes);
        }
    }

    private static byte[] Header(List<NamedTensor> sorted, IReadOnlyDictionary<string, string>? metadata)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafeTensorsHeader.MetadataName);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long begin = 0;
            string? last = null;
            foreach (var (name, shape, values) in sorted)
            {
                if (name == SafeTensorsHeader.MetadataName || name == last) throw new WeightsException($"tensor name {PrintableText.Quoted(name)} is reserved or occurs twice");
                if (shape.Length > SafeTensorsHeader.MaxRank || shape.Any(size => size < 0) || shape.Aggregate(1L, (product, size) => product * size) != values.Length)
                    throw new WeightsException($"tensor {PrintableText.Quoted(name)} has {values.Length} values for shape ({string.Join(", ", shape)})");
                last = name;
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                long end = begin + (long)values.Length * sizeof(float);
                json.WriteNumberValue(begin);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                begin = end;
            }
            json.WriteEndObject();
        }
        // Readers that map the file want the tensors on 8-byte boundaries; spaces are part of the format.
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');
        return header.ToArray();
    }
}
