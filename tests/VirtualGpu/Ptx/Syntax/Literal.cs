using System.Globalization;

namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Numbers of PTX.</summary>
internal static class Literal
{
    /// <summary>The bits of a number as an operand or initial value of a type.</summary>
    public static ulong Bits(string text, DataType type, int line) => (type.Kind, text) switch
    {
        ('f', _) => Float(text, type, line),
        ('b', ['0', 'f' or 'F' or 'd' or 'D', ..]) => Float(text, type, line),
        ('p', "0" or "1") => text == "1" ? 1UL : 0,
        ('p', _) => throw PtxError.At(line, $"'{text}' is no value of a predicate"),
        _ => Whole(text, type.Bits, line),
    };

    /// <summary>A number of bytes in an address.</summary>
    public static long Offset(string text, int line) => (long)Whole(text, 64, line);

    private static ulong Float(string text, DataType type, int line)
    {
        char mark = type.Bits == 32 ? 'f' : 'd';
        bool fits = text.Length == 2 + type.Bits / 4 && text[0] == '0' && char.ToLowerInvariant(text[1]) == mark;
        if (fits && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)) return bits;
        throw PtxError.At(line, $"'{text}' is no {type} as 0{mark} and {type.Bits / 4} hexadecimal digits");
    }

    private static ulong Whole(string text, int bits, int line)
    {
        bool negative = text[0] == '-';
        var digits = text.AsSpan(negative ? 1 : 0);
        if (digits.EndsWith("U", StringComparison.Ordinal)) digits = digits[..^1];
        bool hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!ulong.TryParse(hexadecimal ? digits[2..] : digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong magnitude)
            || (!hexadecimal && digits.Length > 1 && digits[0] == '0'))
            throw PtxError.At(line, $"'{text}' is no whole number");

        ulong limit = negative ? 1UL << (bits - 1) : ulong.MaxValue >> (64 - bits);
        if (magnitude > limit) throw PtxError.At(line, $"{text} does not fit into {bits} bits");
        return (negative ? 0 - magnitude : magnitude) & (ulong.MaxValue >> (64 - bits));
    }
}
