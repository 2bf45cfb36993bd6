using System.Buffers.Binary;
using System.Buffers.Text;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// Inputs that are a safetensors header and the first bytes of the data: the zeros that follow are of no use to a fuzzer, and changing them would
/// be most of what it does.
/// </summary>
internal static class HeaderOnly
{
    /// <summary>The smallest network's checkpoint has 600 kB.</summary>
    private const int MaxData = 700_000;

    /// <summary>The input that stands for a file.</summary>
    public static byte[] Of(ReadOnlySpan<byte> safetensors) => safetensors.Slice(sizeof(ulong), (int)BinaryPrimitives.ReadUInt64LittleEndian(safetensors)).ToArray();

    /// <summary>The file: the length, the header, which ends with the last brace, the bytes behind it, and zeros up to where the header says that data end.</summary>
    public static byte[] ToFile(ReadOnlySpan<byte> input, int before = 0)
    {
        int header = input.LastIndexOf((byte)'}') + 1, data = Math.Max(input.Length - header, DataLength(input[..header]));
        var file = new byte[before + sizeof(ulong) + header + data];
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(before), (ulong)header);
        input.CopyTo(file.AsSpan(before + sizeof(ulong)));
        return file;
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
