using System.Buffers.Binary;
using System.Text;

namespace CudnnResNet.Tests;

/// <summary>One field of a message in Protocol Buffers' wire format.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Bits">Its value where it is a number, as bits.</param>
/// <param name="Bytes">Its bytes where it has a length.</param>
internal sealed record ProtobufField(int Number, ulong Bits, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public float Float => BitConverter.UInt32BitsToSingle((uint)Bits);

    public double Double => BitConverter.UInt64BitsToDouble(Bits);

    public List<ProtobufField> Message => ProtobufReader.Read(Bytes);
}

/// <summary>Reads a message field by field, and nothing of the writers under test.</summary>
internal static class ProtobufReader
{
    public static List<ProtobufField> Read(byte[] message)
    {
        var fields = new List<ProtobufField>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint();
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add(new(number, Varint(), [])); break;
                case 1: fields.Add(new(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), [])); break;
                case 2: fields.Add(new(number, 0, Take((int)Varint()))); break;
                case 5: fields.Add(new(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), [])); break;
                default: throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80) return value;
            }
        }

        byte[] Take(int count)
        {
            at += count;
            return message[(at - count)..at];
        }
    }
}
