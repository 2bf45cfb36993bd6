using System.Buffers.Binary;
using System.Text;

namespace CudnnResNet.Tests;

/// <summary>Writes a pickle opcode by opcode, as Python's pickle module does with protocol 2.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> bytes = [];
    private int memoized;

    public PickleWriter() => Opcode(0x80).Raw(2); // PROTO

    public byte[] Stop() => [.. Opcode('.').bytes];

    public PickleWriter Opcode(int opcode) => Raw((byte)opcode);

    public PickleWriter Raw(params ReadOnlySpan<byte> more)
    {
        bytes.AddRange(more);
        return this;
    }

    public PickleWriter None() => Opcode('N');

    public PickleWriter Bool(bool value) => Opcode(value ? 0x88 : 0x89);

    /// <summary>BININT1, BININT2 or BININT, or LONG1 for what they do not hold.</summary>
    public PickleWriter Integer(long value) => value switch
    {
        >= 0 and <= byte.MaxValue => Opcode('K').Raw((byte)value),
        >= 0 and <= ushort.MaxValue => Opcode('M').Raw((byte)value, (byte)(value >> 8)),
        >= int.MinValue and <= int.MaxValue => Opcode('J').Raw(Little((uint)(int)value)),
        _ => Long(BitConverter.GetBytes(value)),
    };

    /// <summary>LONG1: a little-endian number in two's complement.</summary>
    public PickleWriter Long(params ReadOnlySpan<byte> little) => Opcode(0x8A).Raw((byte)little.Length).Raw(little);

    public PickleWriter Double(double value)
    {
        var buffer = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(buffer, value);
        return Opcode('G').Raw(buffer);
    }

    public PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Opcode('X').Raw(Little((uint)utf8.Length)).Raw(utf8).Memoize();
    }

    public PickleWriter Global(string module, string name) => Opcode('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n")).Memoize();

    public PickleWriter Mark() => Opcode('(');

    public PickleWriter Tuple() => Opcode('t').Memoize();

    public PickleWriter Integers(IReadOnlyList<long> values)
    {
        if (values.Count == 0) return Opcode(')');
        if (values.Count > 3) Mark();
        foreach (long value in values) Integer(value);
        return values.Count > 3 ? Tuple() : Opcode(0x84 + values.Count).Memoize(); // TUPLE1, TUPLE2, TUPLE3
    }

    public PickleWriter EmptyDict() => Opcode('}').Memoize();

    public PickleWriter OrderedDict() => Global("collections", "OrderedDict").Opcode(')').Opcode('R').Memoize();

    public PickleWriter SetItems() => Opcode('u');

    /// <summary>BINPUT or LONG_BINPUT with the next number.</summary>
    public PickleWriter Memoize()
    {
        int index = memoized++;
        return index <= byte.MaxValue ? Opcode('q').Raw((byte)index) : Opcode('r').Raw(Little((uint)index));
    }

    public static byte[] Little(uint value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
}
