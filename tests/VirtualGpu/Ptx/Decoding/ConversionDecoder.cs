using System.Numerics;
using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Decodes cvt between whole numbers, whose registers may be wider than their types, and mov between a word and its parts.</summary>
internal static class ConversionDecoder
{
    /// <summary>cvt, or null where it is none between whole numbers.</summary>
    public static Instruction? Whole(OperandDecoder operands, string[] parts)
    {
        if (parts.Length != 3 || !DataType.TryParse(parts[1], out var to) || !DataType.TryParse(parts[2], out var from)) return null;
        if (to.Kind is not ('u' or 's') || from.Kind is not ('u' or 's')) return null;

        operands.ExpectCount(2);
        var (d, a) = (operands.WideRegister(operands.Operands[0], to), operands.WideRegister(operands.Operands[1], from));
        return new()
        {
            Execute = (a.Bits, d.Bits) switch
            {
                (16, 16) => Conversions.Whole<ushort, ushort>,
                (16, 32) => Conversions.Whole<ushort, uint>,
                (16, 64) => Conversions.Whole<ushort, ulong>,
                (32, 16) => Conversions.Whole<uint, ushort>,
                (32, 32) => Conversions.Whole<uint, uint>,
                (32, 64) => Conversions.Whole<uint, ulong>,
                (64, 16) => Conversions.Whole<ulong, ushort>,
                (64, 32) => Conversions.Whole<ulong, uint>,
                _ => Conversions.Whole<ulong, ulong>,
            },
            D = operands.Place(d),
            A = operands.Place(a),
            From = new(from.Bits, from.Kind == 's'),
            To = new(to.Bits, to.Kind == 's'),
        };
    }

    /// <summary>mov.b64 or mov.b32 with braces, or null where there are none.</summary>
    public static Instruction? Parts(OperandDecoder operands, string opcode)
    {
        if (!operands.Operands.Any(operand => operand is VectorOperand)) return null;
        operands.ExpectCount(2);
        var word = new DataType('b', opcode switch { "mov.b32" => 32, "mov.b64" => 64, _ => throw operands.Unknown() });
        return operands.Operands switch
        {
            [VectorOperand { Elements: var parts }, var whole] => new()
            {
                Execute = PartBits(operands, word, parts.Count) switch
                {
                    (64, 32) => Conversions.Unpack<ulong, uint>,
                    (64, 16) => Conversions.Unpack<ulong, ushort>,
                    _ => Conversions.Unpack<uint, ushort>,
                },
                Rows = [.. parts.Select(part => operands.Destination(part, word.Bits / parts.Count))],
                A = operands.Source(whole, word),
            },
            [var whole, VectorOperand { Elements: var parts }] => new()
            {
                Execute = PartBits(operands, word, parts.Count) switch
                {
                    (64, 32) => Conversions.Pack<uint, ulong>,
                    (64, 16) => Conversions.Pack<ushort, ulong>,
                    _ => Conversions.Pack<ushort, uint>,
                },
                D = operands.Destination(whole, word.Bits),
                Rows = [.. parts.Select(part => operands.Source(part, new('b', word.Bits / parts.Count)))],
            },
            _ => throw operands.Refuse("both operands stand in braces"),
        };
    }

    private static (int Word, int Part) PartBits(OperandDecoder operands, DataType word, int count) =>
        (word.Bits, count) is (64, 2) or (64, 4) or (32, 2) ? (word.Bits, word.Bits / count) : throw operands.Refuse($"{count} parts of {word.Bits} bits");
}
