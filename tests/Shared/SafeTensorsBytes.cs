using System.Buffers.Binary;
using System.Text;

namespace CudnnResNet.Tests;

/// <summary>Safetensors files made by hand, right or wrong.</summary>
internal static class SafeTensorsBytes
{
    /// <summary>Length, header and data as they are given.</summary>
    public static byte[] Build(string header, byte[] data) => Build(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Build(byte[] header, byte[] data, ulong? length = null)
    {
        var prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length ?? (ulong)header.Length);
        return [.. prefix, .. header, .. data];
    }
}
