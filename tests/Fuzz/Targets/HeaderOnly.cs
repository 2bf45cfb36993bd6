using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// Inputs that are a safetensors header and the first bytes of the data: the smallest network's data are 300 kB, and changing them would be
/// most of what a fuzzer does with such a file, to no purpose.
/// </summary>
internal static class HeaderOnly
{
    /// <summary>The smallest network's checkpoint has 600 kB.</summary>
    private const int MaxData = 700_000;

    /// <summary>The input that stands for a file.</summary>
    public static byte[] Of(ReadOnlySpan<byte> safetensors) => safetensors.Slice(sizeof(ulong), (int)BinaryPrimitives.ReadUInt64LittleEndian(safetensors)).ToArray();

    /// <summary>
    /// The file: the length, the header, which ends with the last brace, the bytes behind it, and zeros up to where the header says that data
    /// end. A header that is no JSON is refused whatever follows, and gets none.
    /// </summary>
    public static byte[] ToFile(byte[] input)
    {
        int header = input.AsSpan().LastIndexOf((byte)'}') + 1, data = input.Length - header;
        if (IsJson(input.AsSpan(0, header))) data = Math.Max(data, DataLength(input.AsSpan(0, header)));
        var file = new byte[sizeof(ulong) + header + data];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header);
        input.CopyTo(file, sizeof(ulong));
        return file;
    }

    private static bool IsJson(ReadOnlySpan<byte> header)
    {
        try
        {
            var reader = new Utf8JsonReader(header);
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int DataLength(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> key = "\"data_offsets\":["u8;
        int most = 0;
        for (int at; (at = header.IndexOf(key)) >= 0;)
        {
            header = header[(at + key.Length)..];
            int comma = header.IndexOf((byte)',');
            if (comma >= 0 && Utf8Parser.TryParse(header[(comma + 1)..], out int end, out _) && end is > 0 and <= MaxData) most = Math.Max(most, end);
        }
        return most;
    }
}
