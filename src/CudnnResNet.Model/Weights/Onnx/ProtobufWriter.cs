using System.Buffers.Binary;
using System.Text;

namespace CudnnResNet.Model;

/// <summary>Writes one message in Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding): fields in the order of the calls.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private readonly List<byte> bytes = [];

    /// <summary>An integer.</summary>
    public void Write(int field, long value)
    {
        WriteTag(field, Varint);
        WriteVarint((ulong)value);
    }

    /// <summary>A float.</summary>
    public void Write(int field, float value)
    {
        WriteTag(field, Fixed32);
        Span<byte> buffer = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(buffer, value);
        bytes.AddRange(buffer);
    }

    /// <summary>A double.</summary>
    public void Write(int field, double value)
    {
        WriteTag(field, Fixed64);
        Span<byte> buffer = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(buffer, value);
        bytes.AddRange(buffer);
    }

    /// <summary>A text.</summary>
    public void Write(int field, string value) => Write(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Raw bytes.</summary>
    public void Write(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, LengthDelimited);
        WriteVarint((ulong)value.Length);
        bytes.AddRange(value);
    }

    /// <summary>A message inside this one.</summary>
    public void Write(int field, Action<ProtobufWriter> content)
    {
        var inner = new ProtobufWriter();
        content(inner);
        Write(field, inner.ToArray());
    }

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. bytes];

    private void WriteTag(int field, int wireType) => WriteVarint((ulong)(field << 3 | wireType));

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}
