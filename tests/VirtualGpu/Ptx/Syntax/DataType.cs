using System.Globalization;

namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>A fundamental type: <c>u32</c>, <c>f64</c>, <c>pred</c>.</summary>
/// <param name="Kind">b (bits), u, s, f, or p for a predicate.</param>
/// <param name="Bits">8 to 64; 1 for a predicate.</param>
internal readonly record struct DataType(char Kind, int Bits)
{
    /// <summary>Size in memory.</summary>
    public int Bytes => Bits / 8;

    /// <summary>Reads a type that is written without its dot.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DataType type)
    {
        type = text is "pred" ? new('p', 1) : default;
        if (text is "pred") return true;
        if (text.Length < 2 || text[0] is not ('b' or 'u' or 's' or 'f')) return false;
        if (!int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)) return false;
        if (bits is not (8 or 16 or 32 or 64) || (text[0] == 'f' && bits < 32)) return false;
        type = new(text[0], bits);
        return true;
    }

    /// <summary>Takes a type, which has to come next.</summary>
    public static DataType Expect(TokenReader reader)
    {
        var token = reader.Expect(TokenKind.Directive, "a type");
        return TryParse(token.Text.AsSpan(1), out var type) ? type : throw PtxError.At(token.Line, $"the type '{token.Text}' is not known here");
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == 'p' ? "pred" : $"{Kind}{Bits}";
}
