using System.Text;

namespace CudnnResNet.Tests;

/// <summary>One entry of a zip archive, right or wrong: what is null is as it should be.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Bytes">Its bytes.</param>
internal sealed record ZipEntryBytes(string Name, byte[] Bytes)
{
    public ushort Flags { get; init; } = 0x0808; // as PyTorch has them: a data descriptor follows, the name is UTF-8

    public ushort Method { get; init; }

    public uint? Crc { get; init; }

    public uint? Length { get; init; }

    public uint? Packed { get; init; }

    public uint? Place { get; init; }

    public string? LocalName { get; init; }
}

/// <summary>Writes a zip archive byte by byte, as PyTorch does: entries stored, sizes in the directory and behind the bytes, the bytes at a multiple of 64.</summary>
internal static class ZipWriter
{
    private const int Alignment = 64;

    public static byte[] Write(params IReadOnlyList<ZipEntryBytes> entries)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        foreach (var entry in entries)
        {
            byte[] name = Encoding.UTF8.GetBytes(entry.Name), localName = Encoding.UTF8.GetBytes(entry.LocalName ?? entry.Name);
            uint place = entry.Place ?? (uint)file.Length, crc = entry.Crc ?? CrcOf(entry.Bytes), length = entry.Length ?? (uint)entry.Bytes.Length, packed = entry.Packed ?? length;
            int padding = (Alignment - (int)((file.Length + 30 + localName.Length + 4) % Alignment)) % Alignment;
            byte[] extra = [(byte)'F', (byte)'B', (byte)padding, (byte)(padding >> 8), .. Enumerable.Repeat((byte)'Z', padding)];
            Append(file, [0x50, 0x4B, 3, 4], U16(0), U16(entry.Flags), U16(entry.Method), U32(0), U32(0), U32(0), U32(0), U16(localName.Length), U16(extra.Length), localName, extra);
            Append(file, entry.Bytes, [0x50, 0x4B, 7, 8], U32(crc), U32(packed), U32(length));
            Append(directory, [0x50, 0x4B, 1, 2], U16(0), U16(0), U16(entry.Flags), U16(entry.Method), U32(0), U32(crc), U32(packed), U32(length),
                U16(name.Length), U16(0), U16(0), U16(0), U16(0), U32(0), U32(place), name);
        }
        uint begin = (uint)file.Length;
        Append(file, directory.ToArray(), [0x50, 0x4B, 5, 6], U16(0), U16(0), U16(entries.Count), U16(entries.Count), U32((uint)directory.Length), U32(begin), U16(0));
        return file.ToArray();
    }

    /// <summary>CRC-32, a bit at a time.</summary>
    public static uint CrcOf(byte[] bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in bytes)
            for (int bit = 0; bit < 8; bit++)
                crc = ((crc ^ (uint)(value >> bit)) & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        return ~crc;
    }

    private static byte[] U16(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] U32(uint value) => PickleWriter.Little(value);

    private static void Append(MemoryStream stream, params byte[][] parts)
    {
        foreach (byte[] part in parts) stream.Write(part);
    }
}
