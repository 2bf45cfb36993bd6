using System.Text;

namespace CudnnResNet.Peers.Onnx;

/// <summary>Writes one message in Protocol Buffers' wire format: fields in the order of the calls.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0, LengthDelimited = 2;

    private readonly List<byte> bytes = [];

    /// <summary>An integer.</summary>
    public void Write(int field, long value)
    {
        WriteVarint((ulong)(field << 3 | Varint));
        WriteVarint((ulong)value);
    }

    /// <summary>A text.</summary>
    public void Write(int field, string value) => Write(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Raw bytes.</summary>
    public void Write(int field, ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)(field << 3 | LengthDelimited));
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

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}
