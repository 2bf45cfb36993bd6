using System.Buffers.Binary;
using System.Text;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>safetensors files of a few small tensors, whatever they are for.</summary>
internal sealed class SafeTensorsTarget : Target
{
    /// <summary>What headers are made of.</summary>
    public static readonly string[] HeaderWords =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "\"__metadata__\":{", "\"dtype\":\"F32\"", "\"F64\"", "\"F16\"", "\"BF16\"", "\"I64\"", "\"U8\"", "\"shape\":[", "\"data_offsets\":[0,",
        ",\"shape\":[0]", "{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}", "num_batches_tracked", "2147483647", "9223372036854775807", "1e3", "-1",
    ];

    public override string Name => "safetensors";

    public override string Reads => "safetensors";

    public override IReadOnlyList<string> Sources => ["Weights/SafeTensors.cs", "Weights/SafeTensorsHeader.cs", "Weights/ElementType.cs"];

    public override IReadOnlyList<string> NotReading => ["Write", "Header", "Contains"];

    public override int MaxLength => 1 << 12;

    public override IReadOnlyList<string> Words => HeaderWords;

    public override IEnumerable<byte[]> Seeds()
    {
        using var written = new MemoryStream();
        SafeTensors.Write(written, [new("a", [2, 3], [1, 2, 3, 4, 5, 6]), new("b.num_batches_tracked", [], [1]), new("c", [0], [])], new Dictionary<string, string> { ["format"] = "pt" });
        return
        [
            written.ToArray(), Build("{}", 0),
            Build("""{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"d":{"dtype":"F64","shape":[1,1],"data_offsets":[4,12]},"b":{"dtype":"BF16","shape":[],"data_offsets":[12,14]}}""", 14),
            Build("""{"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}  """, 8),
        ];
    }

    /// <summary>Puts the header's length right, unless the input begins with one that says something on purpose: more than there is.</summary>
    public override byte[] ToFile(byte[] input)
    {
        int close = input.AsSpan().LastIndexOf((byte)'}'), begin = sizeof(ulong);
        if (close < begin || BinaryPrimitives.ReadUInt64LittleEndian(input) > (ulong)input.Length) return input;
        byte[] file = input.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)(close + 1 - begin));
        return file;
    }

    public override void Read(byte[] file)
    {
        var tensors = SafeTensors.Read(new MemoryStream(file), "file");
        foreach (string name in tensors.Names)
        {
            long count = tensors.Shape(name).Aggregate(1L, (product, size) => product * size);
            if (tensors.Floats(name).Length != count || tensors.Doubles(name).Length != count) throw new InvalidOperationException("the shape is not that of the values");
        }
    }

    private static byte[] Build(string header, int dataLength) => [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataLength]];
}
